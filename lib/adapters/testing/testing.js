/**
 * What tests of programs need: a clock that is moved by hand, and a shared store that goes away.
 *
 * Knows no test runner. Invariant: a temporary store has a name that no other has, and is destroyed
 * when it is closed, at the latest with the process.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { existsSync } = require('node:fs');
const { amount: finite } = require('../../arguments/options.js');
const { SharedStore } = require('../../shared/shared-store.js');

/** Node has it everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');

/** Those that are open, of this thread. @type {Set<TemporaryStore>} */
const open = new Set();

class TemporaryStore extends SharedStore {
  /** @param {object} options */
  constructor(options) {
    super({ ...options, name: `temporary-${process.pid}-${randomUUID()}` });
    if (open.size === 0) process.on('exit', destroyAll);
    open.add(this);
  }

  /** @override */
  close() {
    this.destroy();
  }

  /** @override */
  destroy() {
    // Of a store that is closed there is nothing left to destroy.
    if (!open.delete(this)) return;
    if (open.size === 0) process.off('exit', destroyAll);
    const { file } = this;
    try {
      super.destroy();
    } catch (error) {
      super.close();
      // Whoever has removed its folder has removed it, too.
      if (file === undefined || existsSync(file)) throw error;
    }
  }

  /** @override */
  [DISPOSE]() {
    this.destroy();
  }
}

/** All of them, whichever fails: the first error comes last. */
function destroyAll() {
  /** @type {unknown[]} */
  const errors = [];
  for (const store of open) {
    try {
      store.destroy();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) throw errors[0];
}

/** @param {object} [options] */
function temporaryStore(options = {}) {
  return new TemporaryStore(options);
}

/** @param {number} [startMs] */
function fakeClock(startMs = 0) {
  let nowMs = finite(startMs, 'startMs');
  return Object.assign(() => nowMs, {
    /** @param {number} ms */
    advance(ms) {
      nowMs += finite(ms, 'ms');
      return nowMs;
    },
    /** @param {number} ms */
    set(ms) {
      nowMs = finite(ms, 'ms');
      return nowMs;
    },
  });
}

module.exports = { fakeClock, temporaryStore };
