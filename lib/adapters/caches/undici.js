/**
 * `CacheStore`: a store for the cache interceptor of undici, and so for `fetch`.
 *
 * An index entry of a resource says which requests have answers: their methods, and the headers
 * that they vary by. Each answer is an entry of its own. Invariants: answers of a resource that was
 * removed stay unseen, since the next index of it has another mark, which is a part of their keys;
 * and no promise rejects, nor does `delete` throw, since undici hears neither.
 */
'use strict';

const errors = require('../../errors/errors.js');
const options = require('../../arguments/options.js');
const { adapt, after, isPromise, optionsOf } = require('../core/adapted.js');
const { collecting } = require('../core/collecting.js');
const { WarnOnce } = require('../core/warn-once.js');
const { answerKey, answerKeys, including } = require('./answer-index.js');

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
/** @typedef {{ vary?: Record<string, Header>, cachedAt?: number, deleteAt: number }} Answer */
/** @typedef {import('./answer-index.js').Index} Index */

class CacheStore {
  #adapted;
  #maxEntryBytes;
  #unread = new WarnOnce('Requests go out, whatever is cached', 'SMS_UNDICI_UNREAD');
  #stale = new WarnOnce('Cached answers stay that were to be removed', 'SMS_UNDICI_STALE');

  /** @param {unknown} [given] */
  constructor(given) {
    const { maxEntrySize = DEFAULT_ENTRY_BYTES, ...rest } = optionsOf(given);
    const most = Number.MAX_SAFE_INTEGER;
    this.#maxEntryBytes = options.whole(maxEntrySize, 'option maxEntrySize', 0, most, ' of bytes');
    this.#adapted = adapt(rest, PREFIX);
  }

  /**
   * Whoever asked hears what is thrown at once; of what fails later, nobody would.
   *
   * @param {Request} request
   */
  get(request) {
    const answer = this.#find(request);
    return isPromise(answer) ? this.#unread.run(() => answer) : answer;
  }

  /** @param {Request} request @param {Answer} answer */
  createWriteStream(request, answer) {
    const place = this.#placeOf(request);
    /** @param {Buffer} body */
    const keep = (body) => this.#keep(place, request, { ...answer, body });
    return collecting(this.#maxEntryBytes, keep);
  }

  /** Removes the answers of a resource, of all methods. @param {Request} request */
  delete(request) {
    const place = this.#placeOf(request);
    return this.#stale.run(() => after(this.#adapted.store.delete(place), () => {}));
  }

  /** Closes the store, if this object opened it. */
  close() {
    return this.#adapted.close();
  }

  /** @param {Request} request */
  #find(request) {
    const place = this.#placeOf(request);
    return after(this.#adapted.store.get(place), (/** @type {Index | undefined} */ index) => {
      return after(this.#adapted.store.getMany(answerKeys(place, index, request)), (answers) => {
        const found = latest(answers);
        return found && { ...found, body: [found.body] };
      });
    });
  }

  /**
   * @param {string} place
   * @param {Request} request
   * @param {Answer & { body: Buffer }} answer
   */
  async #keep(place, request, answer) {
    const { store } = this.#adapted;
    const { method } = request;
    const { vary = {}, deleteAt } = answer;
    const names = Object.keys(vary).sort();
    const leftMs = await store.ttl(place);
    const isLonger = leftMs !== undefined && leftMs >= deleteAt - Date.now();
    const expiry = isLonger ? { ttl: /** @type {const} */ ('keep') } : { expiresAt: deleteAt };
    const index = await store.update(place, including({ method, names }), expiry);
    const key = answerKey(place, index?.mark, method, names, vary);
    await store.set(key, answer, { expiresAt: deleteAt });
    // What this request was answered by before, where it varied by other headers.
    const others = answerKeys(place, index, request).filter((other) => other !== key);
    if (others.length > 0) await store.deleteMany(others);
  }

  /** @param {Request} request */
  #placeOf(request) {
    if (typeof request?.path !== 'string') throw errors.invalidType('a request', 'key', request);
    return this.#adapted.keyOf(JSON.stringify([request.origin, request.path]));
  }
}

/**
 * The answer that was cached last, of those that may still be given.
 *
 * @param {(Answer & { body: Buffer } | undefined)[]} answers
 */
function latest(answers) {
  const now = Date.now();
  let found;
  for (const answer of answers) {
    if (answer === undefined || answer.deleteAt <= now) continue;
    const isLater = found === undefined || (answer.cachedAt ?? 0) > (found.cachedAt ?? 0);
    if (isLater) found = answer;
  }
  return found;
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { CacheStore, default: CacheStore };
module.exports = Object.assign(CacheStore, { CacheStore, default: CacheStore });
