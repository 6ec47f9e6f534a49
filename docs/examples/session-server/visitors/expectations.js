/**
 * What one client of the demo may expect of the server, worked out from its own clock alone.
 *
 * A client knows that the server acted between sending and receiving, so a deadline is known as
 * an interval. Only an answer that falls wholly before or after it is judged; the others are
 * counted as borderline, and the model learns from them.
 */

/** The store promises the millisecond; two of rounding, one at each end. */
const MARGIN_MS = 2;

/** The deadline of what an answer has just begun or prolonged. */
function deadlineAfter(answer, ttl) {
  return { earliest: answer.sentAt + ttl, latest: answer.receivedAt + ttl };
}

/** @returns {'before' | 'after' | 'borderline'} */
function sideOf(deadline, answer) {
  if (answer.receivedAt + MARGIN_MS < deadline.earliest) return 'before';
  if (answer.sentAt - MARGIN_MS > deadline.latest) return 'after';
  return 'borderline';
}

/** The client's rate-limit window at the server. */
class ExpectedWindow {
  #deadline;
  #used = 0;

  constructor(limits) {
    this.limits = limits;
  }

  /** Judges the rate-limit side of an answer. */
  check(answer, tally) {
    const { requestsPerWindow, windowMs } = this.limits;
    const side = this.#deadline === undefined ? 'after' : sideOf(this.#deadline, answer);
    if (side === 'borderline') tally.borderline += 1;
    // A window that has just opened has all but one left; one that goes on has fewer.
    const opened =
      side === 'borderline' ? answer.remaining === requestsPerWindow - 1 : side === 'after';
    if (opened) this.#deadline = deadlineAfter(answer, windowMs);
    this.#used = opened ? 1 : this.#used + 1;

    const remaining = Math.max(requestsPerWindow - this.#used, 0);
    const refused = this.#used > requestsPerWindow;
    tally.check(
      (answer.status === 429) === refused && answer.remaining === remaining,
      `request ${this.#used} of its window: ${answer.status}, ${answer.remaining} left`,
    );
  }
}

/** The client's session at the server. */
class ExpectedSession {
  #deadline;
  #visits = 0;

  constructor(user, id, answer, limits) {
    this.user = user;
    this.id = id;
    this.limits = limits;
    this.#deadline = deadlineAfter(answer, limits.sessionMs);
  }

  /** Judges an answer to `GET /profile`; gives whether the session is still there. */
  check(answer, tally) {
    const found = answer.status === 200;
    const side = sideOf(this.#deadline, answer);
    if (side === 'borderline') tally.borderline += 1;
    else tally.check(found === (side === 'before'), `${answer.status} ${side} its deadline`);
    if (!found) {
      tally.foundExpired += 1;
      return false;
    }
    this.#visits += 1;
    this.#deadline = deadlineAfter(answer, this.limits.sessionMs);
    tally.check(
      answer.body.user === this.user && answer.body.visits === this.#visits,
      `${this.user}, visit ${this.#visits}, was shown ${JSON.stringify(answer.body)}`,
    );
    return true;
  }

  /** Judges an answer to `POST /logout`. */
  checkLogOut(answer, tally) {
    const side = sideOf(this.#deadline, answer);
    if (side === 'borderline') tally.borderline += 1;
    else tally.check((answer.status === 204) === (side === 'before'), `log-out: ${answer.status}`);
    if (answer.status !== 204) tally.foundExpired += 1;
  }
}

module.exports = { ExpectedSession, ExpectedWindow };
