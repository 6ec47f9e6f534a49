/**
 * Who listens to the events of a store, and how they are told, as an `EventEmitter` does it.
 *
 * Knows the names of the events, not what they mean. There is no limit and no warning, and an
 * `error` that nobody listens to is nobody's. Invariant: who is told within a call is told in the
 * context of that call; who is told later, in the context in which he began to listen.
 */
'use strict';

const errors = require('../../errors/errors.js');
const { asyncContext, throwApart } = require('../../native/timers.js');

/** @typedef {(...given: any[]) => void} Listener */

/**
 * @typedef {object} Listening
 * @property {Listener} listener
 * @property {boolean} isOnce
 * @property {boolean} isDone whether it was told the one time
 * @property {import('node:async_hooks').AsyncResource} context of its beginning
 */

class Emitter {
  /** The events that there are. @type {readonly string[]} */
  names;
  /** What listeners have as `this`. @type {object | undefined} */
  store;
  /** Is told when one who listens once was told, and listens no more. */
  dropped = () => {};
  /** Lists that are replaced, never changed: who is being told is told to the end. */
  #listening = /** @type {Map<string, readonly Listening[]>} */ (new Map());

  /** @param {readonly string[]} names */
  constructor(names) {
    this.names = names;
  }

  /**
   * @param {unknown} event
   * @param {unknown} listener
   * @param {{ isOnce: boolean, isFirst: boolean }} how
   */
  add(event, listener, { isOnce, isFirst }) {
    const name = this.#known(event);
    /** @type {Listening} */
    const added = {
      listener: checked(listener),
      isOnce,
      isDone: false,
      // A hundred times cheaper than a snapshot, which is a function with properties of its own.
      context: asyncContext('STORE_LISTENER'),
    };
    const before = this.#of(name);
    this.#listening.set(name, isFirst ? [added, ...before] : [...before, added]);
  }

  /**
   * Removes a listener; of several times the same, the one that was added last.
   *
   * @param {unknown} event
   * @param {unknown} listener
   */
  remove(event, listener) {
    const name = this.#known(event);
    const wanted = checked(listener);
    const last = this.#of(name).findLast((known) => known.listener === wanted);
    if (last !== undefined) this.#drop(name, last);
  }

  /** @param {unknown} [event] all events, without one */
  removeAll(event) {
    if (event === undefined) this.#listening.clear();
    else this.#listening.delete(this.#known(event));
  }

  /**
   * @param {unknown} event
   * @returns {Listener[]}
   */
  listeners(event) {
    return this.#of(this.#known(event)).map(({ listener }) => listener);
  }

  /** The events that somebody listens to. */
  heard() {
    return [...this.#listening.keys()];
  }

  /**
   * Whether somebody listens to an event of this name.
   *
   * @param {string} name
   */
  listens(name) {
    return this.#listening.has(name);
  }

  /**
   * Tells those who listen, in order, up to one that throws.
   *
   * @param {string} name
   * @param {unknown[]} given
   * @param {boolean} isWithin whether a call is at work that made the event
   */
  tell(name, given, isWithin) {
    const listenings = this.#listening.get(name);
    if (listenings === undefined) return;
    for (const listening of listenings) {
      if (listening.isDone) continue;
      if (listening.isOnce) {
        listening.isDone = true;
        this.#drop(name, listening);
        this.dropped();
      }
      const { context, listener } = listening;
      if (isWithin) Reflect.apply(listener, this.store, given);
      else context.runInAsyncScope(() => Reflect.apply(listener, this.store, given));
    }
  }

  /**
   * Tells those who listen of something that no call made. What one throws is nobody's who waits
   * for something: the process hears of it.
   *
   * @param {string} name
   * @param {...unknown} given
   */
  tellApart(name, ...given) {
    try {
      this.tell(name, given, false);
    } catch (error) {
      throwApart(error);
    }
  }

  /** @param {string} name */
  #of(name) {
    return this.#listening.get(name) ?? [];
  }

  /**
   * @param {string} name
   * @param {Listening} listening
   */
  #drop(name, listening) {
    const left = this.#of(name).filter((known) => known !== listening);
    if (left.length === 0) this.#listening.delete(name);
    else this.#listening.set(name, left);
  }

  /** @param {unknown} event */
  #known(event) {
    if (typeof event === 'string' && this.names.includes(event)) return event;
    throw errors.unknownEvent(this.names, event);
  }
}

/** @param {unknown} listener */
function checked(listener) {
  if (typeof listener !== 'function') throw errors.invalidType('a function', 'listener', listener);
  return /** @type {Listener} */ (listener);
}

module.exports = { Emitter };
