/**
 * A store as people write them for Harpia: `get`, `set`, `delete`, copies of values, a turn each.
 *
 * Must not know of sessions. Invariant: each call takes effect at its end, a turn of the event loop
 * after it was made, so that what is not kept apart does interleave.
 */
const { setImmediate: turn } = require('node:timers/promises');

class ForeignStore {
  /** @type {Map<string, string>} */
  content = new Map();
  /** `[method, ...arguments]` of each call, in order. */
  calls = [];

  async get(id) {
    this.calls.push(['get', id]);
    await turn();
    const text = this.content.get(id);
    return text === undefined ? undefined : JSON.parse(text);
  }

  async set(...given) {
    this.calls.push(['set', ...given]);
    const [id, data] = given;
    await turn();
    this.content.set(id, JSON.stringify(data));
  }

  async delete(id) {
    this.calls.push(['delete', id]);
    await turn();
    this.content.delete(id);
  }
}

/** The same with a `touch`, which only takes note of it. */
class TouchableStore extends ForeignStore {
  async touch(id, ttl) {
    this.calls.push(['touch', id, ttl]);
    await turn();
    return this.content.has(id);
  }
}

module.exports = { ForeignStore, TouchableStore };
