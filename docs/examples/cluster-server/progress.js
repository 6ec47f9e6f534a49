/**
 * The demo's one line of progress: rewritten in place on a terminal, now and then elsewhere.
 */

const PLAIN_INTERVAL_MS = 2000;

class Progress {
  #startedAt = performance.now();
  #shownAt = 0;
  #requests = 0;
  #perSecond = 0;
  #isTerminal = process.stdout.isTTY === true;

  get elapsedSeconds() {
    return (performance.now() - this.#startedAt) / 1000;
  }

  /** @param {{ workers: number, sessions: number, lost: number, tally: any }} state */
  show({ workers, sessions, lost, tally }) {
    const now = performance.now();
    if (!this.#isTerminal && now - this.#shownAt < PLAIN_INTERVAL_MS) return;
    this.#measure(tally.requests, now);
    const { admitted, refused, servings, failed } = tally;
    const line = [
      `${this.elapsedSeconds.toFixed(1).padStart(5)} s`,
      `${workers} workers${lost > 0 ? `, ${lost} lost` : ''}`,
      `${grouped(tally.requests)} requests, ${grouped(this.#perSecond)}/s`,
      `${sessions} sessions`,
      `${grouped(servings)} pages`,
      `searches ${grouped(admitted)} + ${grouped(refused)} refused`,
      `${failed} surprises`,
    ].join('  ');
    this.#write(line, this.#isTerminal ? '' : '\n');
  }

  /** Says something that stays. */
  say(text) {
    this.#write(text, '\n');
  }

  #measure(requests, now) {
    const seconds = (now - this.#shownAt) / 1000;
    if (this.#shownAt > 0 && seconds > 0) {
      const latest = (requests - this.#requests) / seconds;
      this.#perSecond = this.#perSecond === 0 ? latest : 0.8 * this.#perSecond + 0.2 * latest;
    }
    this.#requests = requests;
    this.#shownAt = now;
  }

  #write(text, end) {
    // Wider than the window, it would leave a trail.
    const width = this.#isTerminal ? process.stdout.columns || 80 : Number.POSITIVE_INFINITY;
    const shown = end === '' ? text.slice(0, width - 1) : text;
    process.stdout.write(`${this.#isTerminal ? '\r\x1b[K' : ''}${shown}${end}`);
  }
}

/** `1234567` as `1,234,567`. */
function grouped(number) {
  return Math.round(number).toLocaleString('en-US');
}

module.exports = { Progress, grouped };
