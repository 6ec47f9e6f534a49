/**
 * The tags that entries of namespaces have by themselves: the paths that their keys are in.
 *
 * Knows no slot. Invariant: a namespace that is cleared is a tag that is invalidated, for whatever
 * lies in it or in those within.
 */
'use strict';

const { isPlain, pathsOf, prefixOf } = require('../../keys/keyspace.js');

/** Namespaces whose tags are at hand; with more, all are made anew. */
const MOST = 1024;

class SpaceTags {
  /** One list for all entries of a namespace. @type {Map<string, readonly string[]>} */
  #lists = new Map();
  /** The namespace that was asked for last, and its tags. */
  #prefix = '';
  /** @type {readonly string[] | undefined} */
  #last;

  /**
   * Those of the entry that is kept under a string; `undefined` in no namespace.
   *
   * @param {string} string
   */
  of(string) {
    if (isPlain(string)) return undefined;
    if (this.#last !== undefined && string.startsWith(this.#prefix)) return this.#last;
    const prefix = prefixOf(string);
    const paths = this.#lists.get(prefix) ?? this.#made(string, prefix);
    // No call from here: it might be the last that the stack has room for.
    this.#prefix = prefix;
    this.#last = paths;
    return paths;
  }

  /**
   * @param {string} string
   * @param {string} prefix
   */
  #made(string, prefix) {
    const paths = Object.freeze(pathsOf(string));
    if (this.#lists.size === MOST) this.#lists.clear();
    this.#lists.set(prefix, paths);
    return paths;
  }

  /**
   * The same with others.
   *
   * @param {string} string
   * @param {readonly string[]} tags as they are kept
   */
  with(string, tags) {
    const own = this.of(string);
    if (own === undefined) return tags;
    return tags.length === 0 ? own : [...own, ...tags];
  }
}

module.exports = { SpaceTags };
