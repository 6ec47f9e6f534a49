/**
 * The figures that the demo's server, its visitors and its auditor agree on.
 *
 * Times are milliseconds.
 */

const LIMITS = Object.freeze({
  /** Longer than any run: a session that is missing was lost, not late. */
  sessionMs: 1_800_000,
  /** A client may search so many times in so long a window, whichever workers it asks. */
  searches: 20,
  windowMs: 1000,
  /** The pages, how long one stays fresh, and how long the database takes for one. */
  pages: 8,
  freshMs: 700,
  renderMs: 40,
});

module.exports = { LIMITS };
