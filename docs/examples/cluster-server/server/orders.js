/**
 * Numbers of orders, without a gap and without a twin: one worker at a time gives out the next.
 *
 * What takes several steps, with waiting in between, is no `update`; it runs under a lock. The
 * lock of a worker that is killed is free for the next.
 */

const { setTimeout: pause } = require('node:timers/promises');

const NEXT = 'next order';
/** A worker that stands still holds the others up; only who waits longer than this gives up. */
const LONGEST_WAIT_MS = 60_000;

class Orders {
  #ledger;

  constructor(ledger) {
    this.#ledger = ledger;
  }

  /** Takes the next number. */
  place() {
    const take = async () => {
      const number = placed(this.#ledger) + 1;
      await pause(1); // say, an e-mail to the kitchen
      this.#ledger.set(NEXT, number);
      return number;
    };
    return this.#ledger.withLock(NEXT, take, LONGEST_WAIT_MS);
  }
}

/** How many orders there are. */
function placed(ledger) {
  return ledger.get(NEXT) ?? 0;
}

module.exports = { Orders, placed };
