/**
 * Reads what a server says in RESP3, in the order in which it says it.
 *
 * Knows the form, no meaning. Invariant: a message is given once it is whole, however its bytes
 * were split or joined on their way.
 */
'use strict';

const CR = 13;
const LF = 10;
/** Deeper messages no server sends here. */
const DEPTH = 8;
/** A longer message is none that was asked for. */
const MOST_BYTES = 64 * 1024 ** 2;

/** Of a text, what says its kind, and a colon. */
const KIND_UNITS = 4;

/** An answer that is an error. */
class Refusal extends Error {}
/** Something that the server says unasked. */
class Push {
  /** @param {unknown[]} parts */
  constructor(parts) {
    this.parts = parts;
  }
}

/** What more bytes are needed for. */
const PARTIAL = Symbol('partial');

class Reader {
  /** @type {Buffer} */
  #bytes = Buffer.alloc(0);
  #at = 0;
  #encoding;

  /** @param {'utf8' | 'latin1'} [encoding] of strings: the second for those that may be bytes */
  constructor(encoding = 'utf8') {
    this.#encoding = encoding;
  }

  /**
   * The messages that are whole now.
   *
   * @param {Buffer} chunk
   */
  *read(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > MOST_BYTES) throw new RangeError('too long a message');
    let start = 0;
    for (;;) {
      this.#at = start;
      const message = this.#message(0);
      if (message === PARTIAL) break;
      start = this.#at;
      yield message;
    }
    this.#bytes = this.#bytes.subarray(start);
  }

  /** @param {number} depth @returns {unknown} */
  #message(depth) {
    if (depth > DEPTH) throw new RangeError('too deep a message');
    const line = this.#line();
    if (line === undefined) return PARTIAL;
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
      case '(':
      case ',':
        return rest;
      case '-':
        return new Refusal(rest);
      case ':':
        return Number(rest);
      case '_':
        return null;
      case '#':
        return rest === 't';
      case '$':
      case '!':
        return this.#blob(Number(rest));
      case '=': {
        // What kind of text it is stands before it.
        const text = this.#blob(Number(rest));
        return typeof text === 'string' ? text.slice(KIND_UNITS) : text;
      }
      case '*':
      case '~':
        return this.#list(Number(rest), depth);
      case '%':
        return this.#list(2 * Number(rest), depth);
      case '>': {
        const parts = this.#list(Number(rest), depth);
        return Array.isArray(parts) ? new Push(parts) : parts;
      }
      default:
        throw new TypeError('no message of RESP3');
    }
  }

  /** @param {number} length */
  #blob(length) {
    if (length < 0) return null;
    if (this.#bytes.length < this.#at + length + 2) return PARTIAL;
    const text = this.#bytes.toString(this.#encoding, this.#at, this.#at + length);
    this.#at += length + 2;
    return text;
  }

  /**
   * @param {number} count
   * @param {number} depth
   */
  #list(count, depth) {
    if (count < 0) return null;
    const list = [];
    for (let index = 0; index < count; index += 1) {
      const item = this.#message(depth + 1);
      if (item === PARTIAL) return PARTIAL;
      list.push(item);
    }
    return list;
  }

  #line() {
    let end = this.#bytes.indexOf(CR, this.#at);
    while (end !== -1 && this.#bytes[end + 1] !== LF) {
      if (end + 1 >= this.#bytes.length) return undefined;
      end = this.#bytes.indexOf(CR, end + 1);
    }
    if (end === -1) return undefined;
    const line = this.#bytes.toString('utf8', this.#at, end);
    this.#at = end + 2;
    return line;
  }
}

module.exports = { Push, Reader, Refusal };
