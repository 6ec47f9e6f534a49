/**
 * What the visitors of one thread saw, in figures and lists that can be sent to the auditor.
 */

const KEPT_SURPRISES = 10;
const SURPRISE_CHARACTERS = 300;

class Tally {
  requests = 0;
  /** Answers of each status, and of each worker. */
  statuses = {};
  workers = {};
  /** Requests that were cut; of those, the ones that we ended for want of an answer. */
  cut = 0;
  late = 0;
  checks = 0;
  failed = 0;
  surprises = [];
  /** Requests that were acknowledged and changed a session. */
  updates = 0;
  /** Sessions that live at the end, see `ExpectedSession.claim`. */
  sessions = [];
  /** Sessions that may live: their log-in or log-out was cut. */
  doubtful = 0;
  /** Windows of the rate limit, searches let through and not, and bursts that were misjudged. */
  windows = 0;
  wrongBursts = 0;
  admitted = 0;
  refused = 0;
  /** The numbers of orders, and how many were asked for in vain. */
  orders = [];
  cutOrders = 0;
  /** When a rendering of a page was last asked for and given: `page → run → ms`. */
  served = {};
  servings = 0;

  /** Counts what came of a request, and gives it back. */
  count(answer) {
    this.requests += 1;
    if (answer.isCut) {
      this.cut += 1;
      if (answer.isLate) this.late += 1;
      return answer;
    }
    add(this.statuses, answer.status);
    add(this.workers, answer.worker);
    return answer;
  }

  /** @param {boolean} holds @param {() => string} otherwise what was there instead */
  check(holds, otherwise) {
    this.checks += 1;
    if (!holds) this.#note(otherwise());
  }

  #note(surprise) {
    this.failed += 1;
    if (this.surprises.length < KEPT_SURPRISES) {
      this.surprises.push(surprise.slice(0, SURPRISE_CHARACTERS));
    }
  }
}

function add(counts, name) {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The tallies of several threads as one. */
function sumOf(tallies) {
  const sum = new Tally();
  for (const tally of tallies) merge(sum, tally);
  return sum;
}

function merge(into, from) {
  for (const [name, value] of Object.entries(from)) {
    if (typeof value === 'number') into[name] = (into[name] ?? 0) + value;
    else if (Array.isArray(value)) into[name].push(...value);
    else mergeNamed(into, name, value);
  }
}

function mergeNamed(into, name, value) {
  into[name] ??= {};
  // What was served last was served at the latest of all times.
  if (name === 'served') return mergeServed(into.served, value);
  merge(into[name], value);
}

function mergeServed(into, from) {
  for (const [page, runs] of Object.entries(from)) {
    into[page] ??= {};
    for (const [run, ms] of Object.entries(runs)) {
      into[page][run] = Math.max(into[page][run] ?? 0, ms);
    }
  }
}

module.exports = { Tally, sumOf };
