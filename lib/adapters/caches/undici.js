/**
 * `CacheStore`: a store for the cache interceptor of undici, and so for `fetch`.
 *
 * An index entry of a resource says which requests have answers: their methods, and the headers
 * that they vary by. Each answer is an entry of its own. Invariant: answers of a resource that was
 * removed stay unseen, since the next index of it has another mark, which is a part of their keys.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const { Writable } = require('node:stream');
const errors = require('../../errors/errors.js');
const options = require('../../arguments/options.js');
const { adapt, after } = require('../core/adapted.js');

const PREFIX = 'undici:';
/** As in the stores of undici. */
const DEFAULT_ENTRY_BYTES = 5 * 1024 ** 2;

/** @typedef {string | string[] | null | undefined} Header */
/**
 * @typedef {object} Request
 * @property {string} origin
 * @property {string} method
 * @property {string} path
 * @property {Record<string, Header>} [headers]
 */
/** @typedef {{ vary?: Record<string, Header>, deleteAt: number }} Answer */
/** @typedef {{ method: string, names: string[] }} Shape of requests that have an answer */
/** @typedef {{ mark: string, shapes: Shape[] }} Index */

class CacheStore {
  #adapted;
  #maxEntryBytes;

  /** @param {Record<string, unknown>} [given] */
  constructor({ maxEntrySize = DEFAULT_ENTRY_BYTES, ...given } = {}) {
    const most = Number.MAX_SAFE_INTEGER;
    this.#maxEntryBytes = options.whole(maxEntrySize, 'option maxEntrySize', 0, most, ' of bytes');
    this.#adapted = adapt(given, PREFIX);
  }

  /** @param {Request} request */
  get(request) {
    const place = this.#placeOf(request);
    return after(this.#adapted.store.get(place), (/** @type {Index | undefined} */ index) => {
      const shapes = index?.shapes.filter(({ method }) => method === request.method) ?? [];
      const keys = shapes.map(({ names }) => {
        return answerKey(place, index?.mark, request.method, names, request.headers);
      });
      return after(this.#adapted.store.getMany(keys), (answers) => {
        const found = answers.find((answer) => answer?.deleteAt > Date.now());
        return found && { ...found, body: [found.body] };
      });
    });
  }

  /** @param {Request} request @param {Answer} answer */
  createWriteStream(request, answer) {
    const place = this.#placeOf(request);
    const most = this.#maxEntryBytes;
    /** @type {Buffer[]} */
    const chunks = [];
    let bytes = 0;
    /** @param {Buffer[]} body */
    const keep = (body) => this.#keep(place, request, { ...answer, body: Buffer.concat(body) });
    return new Writable({
      write(chunk, encoding, callback) {
        const whole = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
        bytes += whole.byteLength;
        if (bytes >= most) this.destroy();
        else chunks.push(whole);
        callback(null);
      },
      final(callback) {
        Promise.resolve(chunks)
          .then(keep)
          .then(() => callback(null), callback);
      },
    });
  }

  /** Removes the answers of a resource, of all methods. @param {Request} request */
  delete(request) {
    return after(this.#adapted.store.delete(this.#placeOf(request)), () => {});
  }

  /** Closes the store, if this object opened it. */
  close() {
    return this.#adapted.close();
  }

  /**
   * @param {string} place
   * @param {Request} request
   * @param {Answer & { body: Buffer }} answer
   */
  async #keep(place, { method }, answer) {
    const { store } = this.#adapted;
    const { vary = {}, deleteAt } = answer;
    const names = Object.keys(vary).sort();
    const leftMs = await store.ttl(place);
    const isLonger = leftMs !== undefined && leftMs >= deleteAt - Date.now();
    /** @param {Index | undefined} index */
    const withShape = (index = { mark: randomUUID(), shapes: [] }) => {
      const shape = { method, names };
      const isKnown = index.shapes.some((one) => isSame(one, shape));
      return isKnown ? index : { ...index, shapes: [...index.shapes, shape] };
    };
    const expiry = isLonger ? { ttl: /** @type {const} */ ('keep') } : { expiresAt: deleteAt };
    const index = await store.update(place, withShape, expiry);
    const key = answerKey(place, index?.mark, method, names, vary);
    await store.set(key, answer, { expiresAt: deleteAt });
  }

  /** @param {Request} request */
  #placeOf(request) {
    if (typeof request?.path !== 'string') throw errors.invalidType('a request', 'key', request);
    return this.#adapted.keyOf(JSON.stringify([request.origin, request.path]));
  }
}

/**
 * @param {string} place
 * @param {string | undefined} mark
 * @param {string} method
 * @param {string[]} names of the headers that the answer varies by
 * @param {Record<string, Header>} [headers]
 */
function answerKey(place, mark, method, names, headers = {}) {
  const values = names.map((name) => [name, headers[name] ?? null]);
  return `${place}${JSON.stringify([mark, method, values])}`;
}

/** @param {Shape} one @param {Shape} other */
function isSame(one, other) {
  return one.method === other.method && String(one.names) === String(other.names);
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { CacheStore, default: CacheStore };
module.exports = Object.assign(CacheStore, { CacheStore, default: CacheStore });
