/**
 * The store of a Next.js server, opened when it is first used, with the marks of its tags.
 *
 * Next.js gives handlers no options: they come from the environment, or from a file of the user's.
 * Invariant: to load a handler opens nothing.
 */
'use strict';

const { adapt, optionsOf } = require('../../core/adapted.js');
const { WarnOnce } = require('../../core/warn-once.js');
const { TagMarks } = require('./tag-marks.js');

/** @typedef {{ adapted: ReturnType<typeof adapt>, marks: InstanceType<typeof TagMarks> }} Opened */

const PREFIX = 'next:';
/** Options by the variables that say them. */
const VARIABLES = Object.freeze({
  name: 'SHARED_MEMORY_STORE_NEXT_NAME',
  path: 'SHARED_MEMORY_STORE_NEXT_PATH',
  scope: 'SHARED_MEMORY_STORE_NEXT_SCOPE',
  maxBytes: 'SHARED_MEMORY_STORE_NEXT_MAX_BYTES',
});
const DEFAULT_NAME = 'next';

class SharedCache {
  /** Of what kept a page from being stored: it was made, so its visitor gets it. */
  unstored = new WarnOnce('Next.js goes on without what could not be stored', 'SMS_NEXT_UNSTORED');
  #options;
  /** @type {Opened | undefined} */
  #opened;

  /** @param {unknown} [given] options; those of the environment by default */
  constructor(given) {
    this.#options = given === undefined ? undefined : optionsOf(given);
  }

  get adapted() {
    return this.#open().adapted;
  }

  get marks() {
    return this.#open().marks;
  }

  #open() {
    if (this.#opened === undefined) {
      const adapted = adapt(this.#options ?? fromEnvironment(), PREFIX);
      this.#opened = { adapted, marks: new TagMarks(adapted) };
    }
    return this.#opened;
  }
}

function fromEnvironment() {
  /** @type {Record<string, string | number>} */
  const options = { name: DEFAULT_NAME };
  for (const [option, variable] of Object.entries(VARIABLES)) {
    const value = process.env[variable];
    if (value) options[option] = option === 'maxBytes' ? Number(value) : value;
  }
  return options;
}

module.exports = { SharedCache };
