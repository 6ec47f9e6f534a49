/**
 * Walks over many keys that let the event loop go on, and those that do not.
 *
 * Knows a backend by its steps: each does a little, and gives what came of it. Invariant: what
 * takes turns has no turn longer than a step beyond `SHORT_TURN_MS`.
 */
'use strict';

const { SHORT_TURN_MS, Turns } = require('../snapshot/turns.js');
const errors = require('../errors/errors.js');

/** @typedef {import('./backend.js').Backend} Backend */

/**
 * The sum of what steps give, at once.
 *
 * @param {Iterable<number>} steps
 */
function sum(steps) {
  let total = 0;
  for (const count of steps) total += count;
  return total;
}

/**
 * The same, in turns.
 *
 * @param {Iterable<number>} steps
 */
async function sumInTurns(steps) {
  const turns = new Turns(undefined, SHORT_TURN_MS);
  let total = 0;
  for (const count of steps) {
    total += count;
    if (turns.isOver) await turns.next();
  }
  return total;
}

/**
 * All that steps give, in turns.
 *
 * @template T
 * @param {Iterable<T[]>} steps
 */
async function listInTurns(steps) {
  const turns = new Turns(undefined, SHORT_TURN_MS);
  /** @type {T[]} */
  const list = [];
  for (const some of steps) {
    for (const one of some) list.push(one);
    if (turns.isOver) await turns.next();
  }
  return list;
}

/**
 * The entries of a walk, in turns. Others may have closed the store meanwhile.
 *
 * @param {Backend} backend
 * @param {import('./backend.js').Walk<[string, unknown] | undefined>} walk gives nothing where it
 *   only pauses
 * @param {AbortSignal | undefined} signal
 */
async function* scanInTurns(backend, walk, signal) {
  const turns = new Turns(signal, SHORT_TURN_MS);
  if (Symbol.asyncIterator in walk) {
    // What comes from elsewhere takes turns by itself.
    for await (const entry of walk) {
      if (entry !== undefined) yield entry;
      turns.check();
      if (!backend.isOpen) throw errors.storeClosed('next');
    }
    return;
  }
  for (const entry of walk) {
    if (entry !== undefined) yield entry;
    turns.check();
    if (turns.isOver) await turns.next();
    if (!backend.isOpen) throw errors.storeClosed('next');
  }
}

module.exports = { listInTurns, scanInTurns, sum, sumInTurns };
