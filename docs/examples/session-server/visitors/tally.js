/**
 * What the demo's visitors saw: how many answers, how many checks, and the first surprises.
 */

const KEPT_SURPRISES = 10;

class Tally {
  requests = 0;
  checks = 0;
  /** Answers so near a deadline that no client can say on which side they fell. */
  borderline = 0;
  /** Sessions that a client asked for and that had ended. */
  foundExpired = 0;
  failed = 0;
  surprises = [];
  statuses = {};

  constructor(wanted) {
    this.wanted = wanted;
  }

  count(status) {
    this.requests += 1;
    this.statuses[status] = (this.statuses[status] ?? 0) + 1;
  }

  check(holds, otherwise) {
    this.checks += 1;
    if (holds) return;
    this.failed += 1;
    if (this.surprises.length < KEPT_SURPRISES) this.surprises.push(otherwise);
  }
}

module.exports = { Tally };
