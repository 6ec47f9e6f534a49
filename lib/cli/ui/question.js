/**
 * What a page asks with: texts by their names, some of which may come more than once.
 *
 * Comes in the query of an address, or as JSON in the body of a request. Keys come as JSON: an
 * address has no room for long ones, and none for half of a surrogate pair, which JSON escapes.
 */
'use strict';

const { usageError } = require('../exit.js');

class Question {
  /** @type {ReadonlyMap<string, readonly string[]>} */
  #texts;

  /** @param {Iterable<[name: string, texts: readonly string[]]>} texts */
  constructor(texts) {
    this.#texts = new Map(texts);
  }

  /** @param {string} query of an address */
  static ofQuery(query) {
    const given = new URLSearchParams(query);
    return new Question([...given.keys()].map((name) => [name, given.getAll(name)]));
  }

  /** @param {string} body */
  static ofBody(body) {
    const given = parsed(body);
    return new Question(
      Object.entries(given).map(([name, value]) => {
        const texts = [value].flat();
        if (texts.every((it) => typeof it === 'string')) return [name, texts];
        throw usageError(`${name} is a text, or a list of them`);
      }),
    );
  }

  /** @param {string} name */
  has(name) {
    return this.#texts.has(name);
  }

  /** The text of a name, '' if it has none. @param {string} name */
  text(name) {
    return this.#texts.get(name)?.[0] ?? '';
  }

  /** @param {string} name */
  texts(name) {
    return this.#texts.get(name) ?? [];
  }
}

/** @param {string} body @returns {object} */
function parsed(body) {
  try {
    const given = JSON.parse(body);
    if (typeof given === 'object' && given !== null) return given;
  } catch {
    // As below.
  }
  throw usageError('A question is an object, as JSON');
}

module.exports = { Question };
