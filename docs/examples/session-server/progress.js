/**
 * The demo's one line of progress: rewritten in place on a terminal, once a second elsewhere.
 */

const PLAIN_INTERVAL_MS = 1000;

class Progress {
  #startedAt = performance.now();
  #shownAt = 0;
  #isTerminal = process.stdout.isTTY === true;

  get elapsedSeconds() {
    return (performance.now() - this.#startedAt) / 1000;
  }

  show({ requests, wanted, borderline, failed }) {
    const now = performance.now();
    if (!this.#isTerminal && now - this.#shownAt < PLAIN_INTERVAL_MS) return;
    this.#shownAt = now;
    const seconds = this.elapsedSeconds;
    const line = [
      `${seconds.toFixed(1).padStart(5)} s`,
      `${grouped(requests)} of ${grouped(wanted)} requests`,
      `${grouped(requests / seconds)}/s`,
      `${borderline} borderline`,
      `${failed} surprises`,
    ].join('  ');
    process.stdout.write(this.#isTerminal ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** Leaves the line, or rewrites it with `note`. */
  end(note) {
    process.stdout.write(this.#isTerminal ? `\r\x1b[K${note}\n` : `${note}\n`);
  }
}

/** `1234567` as `1,234,567`. */
function grouped(number) {
  return Math.round(number).toLocaleString('en-US');
}

module.exports = { Progress, grouped };
