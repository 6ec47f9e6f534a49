/**
 * The async `MemoryStore`: the store of one thread behind promises, with updates that may await.
 *
 * Must not know of sessions. Invariant: the calls on one key take effect in the order in which
 * they were made.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { LocalBackend } = require('../../local/backend.js');
const { boundsOf, localOptions } = require('../../local/local-options.js');
const { AsyncStore } = require('../../store/async-store.js');
const { constructible, nameInstances } = require('../../store/constructible.js');
const { defineListening } = require('../../store/events/listening.js');
const { QueuedBackend } = require('../../store/queued-backend.js');
const { WriteRules } = require('../../arguments/writes.js');

class MemoryStore extends AsyncStore {
  #backend;

  /** @param {unknown} [given] */
  constructor(given) {
    const options = localOptions(given);
    const rules = new WriteRules(options.ttlMs, options.maxSize, options.sizeOf);
    const backend = new LocalBackend(options, rules);
    super(queued(backend), rules, () => boundsOf(options));
    backend.attach(this, () => {});
    this.#backend = backend;
  }

  static {
    defineListening(MemoryStore.prototype, {
      come: (receiver, method) => {
        const backend = MemoryStore.#backendOf(receiver, method);
        if (!backend.isOpen) throw errors.storeClosed(method);
        return backend.entries.events.emitter;
      },
      known: (receiver, method) => {
        return MemoryStore.#backendOf(receiver, method).entries.events.emitter;
      },
      changed: (receiver) => receiver.#backend.entries.events.change(),
    });
  }

  /**
   * @param {unknown} receiver
   * @param {string} method
   * @returns {InstanceType<typeof LocalBackend>}
   */
  static #backendOf(receiver, method) {
    const isObject = typeof receiver === 'object' && receiver !== null;
    if (isObject && #backend in receiver) return receiver.#backend;
    throw errors.invalidThis(method, receiver);
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
