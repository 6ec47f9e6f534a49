/**
 * The async `MemoryStore`: the store of one thread behind promises, with updates that may await.
 *
 * Must not know of sessions. Invariant: the calls on one key take effect in the order in which
 * they were made.
 */
'use strict';

const { LocalBackend } = require('../../local/backend.js');
const { localOptions } = require('../../local/local-options.js');
const { AsyncStore } = require('../../store/async-store.js');
const { constructible, nameInstances } = require('../../store/constructible.js');
const { QueuedBackend } = require('../../store/queued-backend.js');
const { WriteRules } = require('../../arguments/writes.js');

class MemoryStore extends AsyncStore {
  /** @param {unknown} [given] */
  constructor(given) {
    const options = localOptions(given);
    const rules = new WriteRules(options.ttlMs, options.maxSize, options.sizeOf);
    const backend = new LocalBackend(options, rules);
    super(queued(backend), rules);
    backend.attach(this, () => {});
  }
}
nameInstances(MemoryStore.prototype, 'MemoryStore');

/**
 * A backend whose calls on a key take effect in turn: it has the methods of the one behind it.
 *
 * @param {InstanceType<typeof LocalBackend>} backend
 */
function queued(backend) {
  return /** @type {import('../../store/backend.js').Backend} */ (
    /** @type {unknown} */ (new QueuedBackend(backend))
  );
}

exports.MemoryStore = constructible(MemoryStore);
