/**
 * What every store has to do, as a `Map` with deadlines: too simple to be wrong.
 *
 * Must not know how arguments are checked: it takes good ones. Invariant: an expired entry is
 * removed before anything else is looked at.
 */
const { isDeepStrictEqual } = require('node:util');

class Model {
  #entries = new Map();
  #ttlMs;
  #now;

  /** `now` gives milliseconds; by default no time passes. */
  constructor({ ttl = Infinity, now = () => 0 } = {}) {
    this.#ttlMs = ttl;
    this.#now = now;
  }

  get(key) {
    return this.#find(key)?.value;
  }

  peek(key) {
    return this.get(key);
  }

  has(key) {
    return this.#find(key) !== undefined;
  }

  ttl(key) {
    const entry = this.#find(key);
    return entry && Math.ceil(entry.endsAt - this.#now());
  }

  getEntry(key) {
    return this.has(key) ? { value: this.get(key), ttl: this.ttl(key), tags: [] } : undefined;
  }

  getMany(keys) {
    return [...keys].map((key) => this.get(key));
  }

  set(key, value, options) {
    const endsAt = this.#endOf(key, options);
    if (endsAt > this.#now()) this.#entries.set(String(key), { value, endsAt });
    else this.#entries.delete(String(key));
    return true;
  }

  setMany(entries, options) {
    for (const [key, value, own = options] of entries) this.set(key, value, own);
    return true;
  }

  add(key, value, options) {
    return !this.has(key) && this.set(key, value, options);
  }

  replace(key, value, options) {
    return this.has(key) && this.set(key, value, options);
  }

  compareAndSet(key, expected, value, options) {
    return isDeepStrictEqual(this.get(key), expected) && this.set(key, value, options);
  }

  update(key, change, options) {
    const value = change(this.get(key));
    if (value === undefined) return this.get(key);
    const { ttl, expiresAt } = recordOf(options);
    const isSaid = ttl !== undefined || expiresAt !== undefined;
    this.set(key, value, isSaid ? options : { ttl: 'keep' });
    return value;
  }

  increment(key, by = 1, options = {}) {
    const { ifPresent = false, min = -Infinity, max = Infinity } = recordOf(options);
    const entry = this.#find(key);
    if (entry === undefined && ifPresent) return undefined;
    const value = bounded(entry?.value ?? 0, by, min, max);
    if (entry === undefined) this.set(key, value, options);
    else entry.value = value;
    return value;
  }

  decrement(key, by = 1, options = {}) {
    return this.increment(key, 0 - by, options);
  }

  hit(key, by = 1, options = {}) {
    const value = this.increment(key, by, options);
    // What was stored with a deadline in the past has no time left.
    return value === undefined ? undefined : { value, ttl: this.ttl(key) ?? 0 };
  }

  touch(key, time) {
    const entry = this.#find(key);
    if (entry === undefined) return false;
    this.set(key, entry.value, time);
    return true;
  }

  take(key) {
    const value = this.get(key);
    this.delete(key);
    return value;
  }

  delete(key) {
    return this.has(key) && this.#entries.delete(String(key));
  }

  deleteMany(keys) {
    return [...keys].filter((key) => this.delete(key)).length;
  }

  clear() {
    this.#entries.clear();
    return true;
  }

  async getOrSet(key, factory, options) {
    if (this.has(key)) return this.get(key);
    const value = await factory(String(key));
    this.set(key, value, options);
    return value;
  }

  size() {
    return this.keys().length;
  }

  keys() {
    return [...this.#entries.keys()].filter((key) => this.has(key));
  }

  entries() {
    return this.keys().map((key) => [key, this.get(key)]);
  }

  #find(key) {
    const entry = this.#entries.get(String(key));
    if (entry === undefined || entry.endsAt > this.#now()) return entry;
    this.#entries.delete(String(key));
    return undefined;
  }

  /** When an entry ends that is stored now, under a key, with options. */
  #endOf(key, options) {
    const { ttl, expiresAt } = recordOf(options);
    if (expiresAt !== undefined) return this.#now() + (Number(expiresAt) - Date.now());
    if (ttl === 'keep' && this.has(key)) return this.#find(key).endsAt;
    return this.#now() + Math.ceil(ttl === undefined || ttl === 'keep' ? this.#ttlMs : ttl);
  }
}

const recordOf = (options) => (typeof options === 'object' ? options : { ttl: options });

/** A bound never moves a number against the step. */
function bounded(from, by, min, max) {
  const sum = Math.min(Math.max(from + by, min), max);
  return by < 0 ? Math.min(sum, from) : Math.max(sum, from);
}

module.exports = { Model };
