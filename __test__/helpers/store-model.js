/**
 * A model of a store: a list of entries, searched from the start, too simple to be wrong.
 *
 * Must not know time: an entry expires when the test says so. Invariant: an entry never changes its
 * place in the list, and one that is gone never comes back.
 */
class StoreModel {
  #list = [];

  #find(key) {
    return this.#list.find((entry) => entry.live && entry.key === key);
  }

  #live() {
    return this.#list.filter((entry) => entry.live);
  }

  set(key, original, value, expiring, tags = []) {
    const entry = this.#find(key);
    if (entry) Object.assign(entry, { original, value, expiring, tags });
    else this.#list.push({ key, original, value, expiring, tags, live: true });
  }

  /** A new value for a live entry, and nothing else. */
  overwrite(key, value) {
    this.#find(key).value = value;
  }

  get(key) {
    return this.#find(key)?.value;
  }

  has(key) {
    return this.#find(key) !== undefined;
  }

  tags(key) {
    return this.#find(key)?.tags;
  }

  invalidate(tag) {
    for (const entry of this.#list) if (entry.tags.includes(tag)) entry.live = false;
  }

  /** Whether the entry has a deadline; `undefined` when there is none. */
  expiring(key) {
    return this.#find(key)?.expiring;
  }

  /** Also what a passed deadline does. */
  delete(key) {
    const entry = this.#find(key);
    if (entry) entry.live = false;
    return entry !== undefined;
  }

  clear() {
    for (const entry of this.#list) entry.live = false;
  }

  touch(key) {
    const entry = this.#find(key);
    if (entry) entry.expiring = true;
    return entry !== undefined;
  }

  rename(from, to) {
    const entry = this.#find(from);
    if (from === to || entry === undefined || this.has(to)) return;
    entry.key = to;
    // A mutable key follows by itself; any other original key gives way to the new string.
    if (!entry.original.mutable) entry.original = { plain: to };
  }

  size() {
    return this.#live().length;
  }

  keys() {
    return this.#live().map((entry) => entry.key);
  }

  /** `currentValue(mutable)` says what a mutable key says now. */
  getKeys(spell) {
    return this.#live().map(({ key, original }) => {
      if (original.mutable) return spell(original.mutable) === key ? original.mutable : key;
      return original.plain;
    });
  }

  all() {
    return this.#live().map((entry) => entry.value);
  }

  /** A live walk: `next()` gives `[key, value]`, or `undefined` at its end for ever. */
  walk() {
    let index = 0;
    let ended = false;
    return {
      next: () => {
        while (!ended && index < this.#list.length) {
          const entry = this.#list[index];
          index += 1;
          if (entry.live) return [entry.key, entry.value];
        }
        ended = true;
        return undefined;
      },
    };
  }
}

module.exports = { StoreModel };
