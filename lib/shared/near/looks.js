/**
 * What a look at an entry takes: the word that a copy has to agree with, and a sign for no entry.
 *
 * Names nothing, so that the class of stores has it at start, and loads the rest later.
 */
'use strict';

/** What a look found. */
const NOTHING = Symbol('no entry');

/**
 * The word of a stripe, no older than anything that this thread knows.
 *
 * `Atomics.load` is a call in V8, half of what a use costs beside a `Map`. On x64 its instruction
 * is that of a plain load: the processor keeps loads in order, and a store by `Atomics` is seen
 * before the next. V8 moves neither across a call or an atomic access: it cannot tell these words
 * from memory that JavaScript shares. Elsewhere the processor, or the engine, may. Whatever a
 * compiler does to a loop, one use in 64 is not free, and that one loads as an atomic.
 *
 * @type {(words: Int32Array, stripe: number) => number | undefined}
 */
const wordOf = isPlainLoadOrdered() ? (words, stripe) => words[stripe] : Atomics.load;

function isPlainLoadOrdered() {
  const { bun, v8 } = process.versions;
  return process.arch === 'x64' && v8 !== undefined && bun === undefined;
}

module.exports = { NOTHING, wordOf };
