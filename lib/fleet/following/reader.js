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

const NOT_RESP3 = 'no message of RESP3';
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

/** What more bytes are needed for, or more items. */
const PARTIAL = Symbol('partial');
const NO_BYTES = Buffer.alloc(0);

/** A list that has begun. */
class Begun {
  /** @type {unknown[]} */
  items = [];

  /**
   * @param {number} count of items that it is to have
   * @param {(items: unknown[]) => unknown} form what it is then
   */
  constructor(count, form) {
    this.count = count;
    this.form = form;
  }
}

class Reader {
  /** What has come and was not read: this from `#at` on, then the chunks. @type {Buffer} */
  #bytes = NO_BYTES;
  #at = 0;
  /** @type {Buffer[]} */
  #chunks = [];
  #unread = 0;
  /** With fewer the next item is not whole. */
  #needed = 0;
  /** Bytes of a message that has begun. */
  #read = 0;
  /** Each an item of the one before. @type {Begun[]} */
  #lists = [];
  #encoding;

  /** @param {'utf8' | 'latin1'} [encoding] of strings: the second for those that may be bytes */
  constructor(encoding = 'utf8') {
    this.#encoding = encoding;
  }

  /**
   * The messages that are whole now. However many chunks one comes in, each item is read once.
   *
   * @param {Buffer} chunk
   */
  *read(chunk) {
    this.#chunks.push(chunk);
    this.#unread += chunk.length;
    if (this.#read + this.#unread > MOST_BYTES) throw new RangeError('too long a message');
    if (this.#unread < this.#needed) return;
    this.#join();
    let message = this.#message();
    while (message !== PARTIAL) {
      yield message;
      message = this.#message();
    }
  }

  #join() {
    const rest = this.#bytes.subarray(this.#at);
    const [first = NO_BYTES] = this.#chunks;
    const isOne = rest.length === 0 && this.#chunks.length === 1;
    this.#bytes = isOne ? first : Buffer.concat([rest, ...this.#chunks]);
    this.#at = 0;
    this.#chunks = [];
    this.#needed = 0;
  }

  #message() {
    for (;;) {
      if (this.#lists.length > DEPTH) throw new RangeError('too deep a message');
      const start = this.#at;
      const item = this.#item();
      if (item === PARTIAL) {
        this.#at = start;
        return PARTIAL;
      }
      this.#read += this.#at - start;
      this.#unread -= this.#at - start;
      if (item instanceof Begun) {
        this.#lists.push(item);
      } else {
        const whole = this.#placed(item);
        if (whole !== PARTIAL) return whole;
      }
    }
  }

  /**
   * The message that an item is, or makes whole.
   *
   * @param {unknown} item
   */
  #placed(item) {
    let whole = item;
    for (;;) {
      const list = this.#lists.at(-1);
      if (list === undefined) break;
      list.items.push(whole);
      if (list.items.length < list.count) return PARTIAL;
      this.#lists.pop();
      whole = list.form(list.items);
    }
    this.#read = 0;
    return whole;
  }

  /** @returns {unknown} */
  #item() {
    const start = this.#at;
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
        return this.#blob(countOf(rest), start);
      case '=': {
        // What kind of text it is stands before it.
        const text = this.#blob(countOf(rest), start);
        return typeof text === 'string' ? text.slice(KIND_UNITS) : text;
      }
      case '*':
      case '~':
        return list(countOf(rest), (items) => items);
      case '%':
        return list(2 * countOf(rest), (items) => items);
      case '>':
        return list(countOf(rest), (items) => new Push(items));
      default:
        throw new TypeError(NOT_RESP3);
    }
  }

  /**
   * @param {number} length
   * @param {number} start of the item
   */
  #blob(length, start) {
    if (length < 0) return null;
    const end = this.#at + length;
    if (this.#bytes.length < end + 2) {
      this.#needed = end + 2 - start;
      return PARTIAL;
    }
    const text = this.#bytes.toString(this.#encoding, this.#at, end);
    this.#at = end + 2;
    return text;
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

/**
 * @param {number} count
 * @param {(items: unknown[]) => unknown} form
 */
function list(count, form) {
  if (count < 0) return null;
  return count === 0 ? form([]) : new Begun(count, form);
}

/** @param {string} text */
function countOf(text) {
  const count = Number(text);
  if (!Number.isSafeInteger(count)) throw new TypeError(NOT_RESP3);
  return count;
}

module.exports = { Push, Reader, Refusal };
