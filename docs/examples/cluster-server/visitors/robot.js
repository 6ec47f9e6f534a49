/**
 * A client that searches far more often than it may, over many connections at once.
 *
 * Each answer says which hit of its window it was. Invariant: the hits of a window are 1, 2, 3 …
 * over all workers, each once, and exactly the first `LIMITS.searches` are let through.
 */

const { setTimeout: pause } = require('node:timers/promises');
const { LIMITS } = require('../limits');

const SEARCHES_OF_A_BURST = LIMITS.searches + 12;
/** Deadlines are whole milliseconds, and a window ends at its deadline, not before. */
const ROUNDING_MS = 2;

class Robot {
  #generation = 0;

  constructor(name, { connection, tally }) {
    this.name = name;
    this.connection = connection;
    this.tally = tally;
  }

  /** Sends a burst, judges the answers, and waits until the last window is over. */
  async round() {
    const headers = { 'x-api-key': `${this.name}-${this.#generation}` };
    const searches = Array.from({ length: SEARCHES_OF_A_BURST }, () => {
      return this.connection.ask('GET', '/search', headers);
    });
    const all = await Promise.all(searches);
    const answers = all.filter(({ isCut }) => !isCut);
    const cut = all.length - answers.length;
    const counted = answers.filter((answer) => this.#isRight(answer));
    this.#checkBurst(counted, { cut, beganMs: earliest(all) });
    // A search that comes late would be counted in a window of the next burst.
    if (all.some(({ isLate }) => isLate)) this.#generation += 1;
    const leftMs = counted.map(({ body }) => body.resetMs);
    await pause(Math.max(...leftMs, cut > 0 ? LIMITS.windowMs : 0) + ROUNDING_MS);
  }

  #isRight({ status, body }) {
    const { used, resetMs } = body;
    const isAllowed = used <= LIMITS.searches;
    // 0 where the worker stood still until the window was over.
    const isInTime = resetMs >= 0 && resetMs <= LIMITS.windowMs;
    const isRight = status === (isAllowed ? 200 : 429) && isInTime;
    this.tally.check(isRight, () => `${this.name}: ${status} for ${JSON.stringify(body)}`);
    if (isAllowed) this.tally.admitted += 1;
    else this.tally.refused += 1;
    return isRight;
  }

  /**
   * The burst opened one window, or more when it took long. As many windows as there are have
   * had a first hit, no more a second one, and so on; only what was cut may be missing.
   */
  #checkBurst(answers, { cut, beganMs }) {
    if (answers.length === 0) return;
    const tookMs = latest(answers) - beganMs;
    const mostWindows = 1 + Math.floor((tookMs + ROUNDING_MS) / LIMITS.windowMs);
    const hits = countHits(answers);
    const windows = Math.max(...hits);
    let missing = 0;
    for (let hit = 1; hit < hits.length; hit += 1) {
      const next = Math.max(...hits.slice(hit));
      missing += Math.max(next - hits[hit - 1], 0);
    }
    const isExact = windows <= mostWindows && missing <= cut;
    this.tally.check(isExact, () => {
      return `${this.name}: hits ${hits} in ${tookMs.toFixed()} ms, ${cut} cut`;
    });
    if (!isExact) this.tally.wrongBursts += 1;
    this.tally.windows += windows;
  }
}

/** How often an answer was the first hit of a window, the second, and so on. */
function countHits(answers) {
  const hits = Array.from({ length: Math.max(...answers.map(({ body }) => body.used)) }, () => 0);
  for (const { body } of answers) hits[body.used - 1] += 1;
  return hits;
}

function earliest(answers) {
  return Math.min(...answers.map(({ sentMs }) => sentMs));
}

function latest(answers) {
  return Math.max(...answers.map(({ receivedMs }) => receivedMs));
}

module.exports = { Robot };
