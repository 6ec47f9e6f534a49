/**
 * The methods of a class by which listeners come and go, named as those of an `EventEmitter`.
 *
 * Knows no store: the class says which emitter a receiver has. So `events.once`, `events.on` and
 * whatever else takes an emitter takes a store. Invariant: who stops listening is never refused,
 * not by a closed store either, for `events.once` stops when `clear` tells that it closes.
 */
'use strict';

/** @typedef {InstanceType<typeof import('./emitter.js').Emitter>} Emitter */

/**
 * How a class finds the emitter of a receiver: one who comes is refused by a closed store. It is
 * told when the listeners have changed.
 *
 * @typedef {object} Host
 * @property {(receiver: any, method: string) => Emitter} come
 * @property {(receiver: any, method: string) => Emitter} known
 * @property {(receiver: any) => void} changed
 */

/** Methods that add a listener, and how. */
const ADDING = Object.freeze({
  on: { isOnce: false, isFirst: false },
  addListener: { isOnce: false, isFirst: false },
  once: { isOnce: true, isFirst: false },
  prependListener: { isOnce: false, isFirst: true },
  prependOnceListener: { isOnce: true, isFirst: true },
});
const REMOVING = Object.freeze(['off', 'removeListener']);

/**
 * @param {object} prototype
 * @param {Host} host
 */
function defineListening(prototype, host) {
  for (const [name, how] of Object.entries(ADDING)) {
    /** @this {any} @param {unknown} event @param {unknown} listener */
    const add = function (event, listener) {
      const emitter = host.come(this, name);
      emitter.add(event, listener, how);
      if (how.isOnce) emitter.dropped = () => host.changed(this);
      host.changed(this);
      return this;
    };
    define(prototype, name, add);
  }
  for (const name of REMOVING) {
    /** @this {any} @param {unknown} event @param {unknown} listener */
    const remove = function (event, listener) {
      host.known(this, name).remove(event, listener);
      host.changed(this);
      return this;
    };
    define(prototype, name, remove);
  }
  defineOthers(prototype, host);
}

/**
 * @param {object} prototype
 * @param {Host} host
 */
function defineOthers(prototype, host) {
  const methods = {
    /** @this {any} @param {unknown} [event] */
    removeAllListeners(event) {
      host.known(this, 'removeAllListeners').removeAll(event);
      host.changed(this);
      return this;
    },
    /** @this {any} @param {unknown} event @param {unknown} [listener] only this one */
    listenerCount(event, listener) {
      const all = host.known(this, 'listenerCount').listeners(event);
      return listener === undefined ? all.length : all.filter((it) => it === listener).length;
    },
    /** @this {any} @param {unknown} event */
    listeners(event) {
      return host.known(this, 'listeners').listeners(event);
    },
    /** @this {any} @param {unknown} event */
    rawListeners(event) {
      return host.known(this, 'rawListeners').listeners(event);
    },
    /** @this {any} */
    eventNames() {
      return host.known(this, 'eventNames').heard();
    },
    /** @this {any} There is no limit to raise: for those who raise it. */
    setMaxListeners() {
      host.known(this, 'setMaxListeners');
      return this;
    },
    /** @this {any} */
    getMaxListeners() {
      host.known(this, 'getMaxListeners');
      return Number.POSITIVE_INFINITY;
    },
  };
  for (const [name, method] of Object.entries(methods)) define(prototype, name, method);
}

/**
 * @param {object} prototype
 * @param {string} name
 * @param {Function} method
 */
function define(prototype, name, method) {
  Object.defineProperty(method, 'name', { value: name, configurable: true });
  Object.defineProperty(prototype, name, { value: method, writable: true, configurable: true });
}

module.exports = { defineListening };
