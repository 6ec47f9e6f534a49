/**
 * What a visitor may expect of its session, from what it was told and nothing else.
 *
 * It counts what it asked for and what was acknowledged. Invariant: the server's count lies
 * between the two, however slow anything is; they differ only by requests that were cut.
 */

const { isWhole } = require('../server/sessions');

class ExpectedSession {
  /** Visits of each tab: those it asked for, and those it knows to be counted. */
  #asked;
  #known;
  /** What the theme may be: more than one value only after a request that was cut. */
  #themes = new Set(['light']);
  /** Whether a request for a theme was given up: it may yet be carried out, at any time. */
  #hasLateTheme = false;

  constructor(user, cookie, tabs, tally) {
    this.user = user;
    this.cookie = cookie;
    this.tally = tally;
    this.#asked = Object.fromEntries(tabs.map((tab) => [tab, 0]));
    this.#known = { ...this.#asked };
  }

  /** A tab asks for a visit to be counted. */
  begin(tab) {
    this.#asked[tab] += 1;
  }

  /** What is known now: no later answer may show less. */
  get known() {
    return { ...this.#known };
  }

  /**
   * Judges what an answer shows of the session.
   *
   * @param {any} data
   * @param {Record<string, number>} known when it was asked for
   */
  check(data, known) {
    const isMine = data.user === this.user && isWhole(data);
    this.tally.check(isMine, () => `${this.user} got a torn session: ${JSON.stringify(data)}`);
    for (const [tab, least] of Object.entries(known)) {
      const count = data.visits[tab] ?? 0;
      this.tally.check(count >= least && count <= this.#asked[tab], () => {
        return `${this.user}, ${tab}: ${count} visits, not ${least} to ${this.#asked[tab]}`;
      });
      this.#known[tab] = Math.max(this.#known[tab], count);
    }
  }

  /** Judges the answer to a visit of a tab, which is the only one of that tab under way. */
  checkVisit(data, known, tab) {
    this.check(data, { ...known, [tab]: known[tab] + 1 });
    this.tally.updates += 1;
  }

  /** A theme is asked for. */
  beginTheme(theme) {
    this.#themes.add(theme);
  }

  /** It was set, or nobody knows. */
  settleTheme(theme, { isCut, isLate }) {
    if (isLate) this.#hasLateTheme = true;
    if (isCut) return;
    if (!this.#hasLateTheme) this.#themes = new Set([theme]);
    this.tally.updates += 1;
  }

  /** Judges the theme, while nobody changes it. */
  checkTheme({ theme }) {
    const themes = [...this.#themes];
    this.tally.check(themes.includes(theme), () => `${this.user}: ${theme}, not ${themes}`);
  }

  /** What the auditor shall find in the store. */
  claim() {
    return {
      id: this.cookie.split('=')[1],
      user: this.user,
      known: this.#known,
      asked: this.#asked,
      themes: [...this.#themes],
    };
  }
}

module.exports = { ExpectedSession };
