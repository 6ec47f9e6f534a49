/**
 * Whether the machine has slept: deadlines count by a clock that stands meanwhile.
 *
 * Knows two clocks, and nothing of what they are for. Invariant: a sleep is told once.
 */
'use strict';

const { Mirror } = require('../../shared/near/mirror.js');
const { time } = require('../../native/clock.js');

/** Less is a wait between two looks at clocks, rather, which voids no copies. */
const LEAST_SLEEP_MS = 1000;

class Sleep {
  #awake;
  #always;
  #sleptMs;

  /**
   * @param {() => number} [awake] milliseconds by a clock that stands while the machine sleeps
   * @param {() => number} [always] by one that runs
   */
  constructor(awake = time, always = Mirror.now) {
    this.#awake = awake;
    this.#always = always;
    this.#sleptMs = this.#now();
  }

  /** Whether the machine has slept since this was asked last. */
  isOver() {
    const sleptMs = this.#now();
    const isOver = sleptMs - this.#sleptMs >= LEAST_SLEEP_MS;
    this.#sleptMs = isOver ? sleptMs : Math.min(sleptMs, this.#sleptMs);
    return isOver;
  }

  #now() {
    // The clock that stands first: a wait in between looks like a sleep, not like the lack of one.
    const awakeMs = this.#awake();
    return this.#always() - awakeMs;
  }
}

module.exports = { Sleep };
