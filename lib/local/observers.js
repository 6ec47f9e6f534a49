/**
 * Who wants to know what happens in a store: listeners and diagnostics channels.
 *
 * Knows events, no slots. Events are noted while a call is at work and delivered at its end, so
 * that a listener finds the store in step and may call it. Invariant: each event that was noted is
 * delivered once, whatever an earlier listener throws.
 */
'use strict';

const { channel } = require('node:diagnostics_channel');
const { EventEmitter } = require('node:events');
const { clearTimeout, setTimeout } = require('node:timers');
const errors = require('../errors.js');

/** @typedef {'set' | 'delete' | 'expire' | 'evict' | 'clear'} EventName */
/** @typedef {(...given: any[]) => void} Listener */

const EVENTS = Object.freeze(['set', 'delete', 'expire', 'evict', 'clear']);
const CHANNEL_PREFIX = 'shared-memory-store:';

const SET = channel(`${CHANNEL_PREFIX}set`);
const DELETE = channel(`${CHANNEL_PREFIX}delete`);
const EXPIRE = channel(`${CHANNEL_PREFIX}expire`);
const EVICT = channel(`${CHANNEL_PREFIX}evict`);
const CLEAR = channel(`${CHANNEL_PREFIX}clear`);
const CHANNELS = { set: SET, delete: DELETE, expire: EXPIRE, evict: EVICT, clear: CLEAR };

/** Why an entry left by itself, by the number that the native core gives. */
const DEPARTURES = Object.freeze([
  undefined,
  /** @type {const} */ (['expire', 'ttl']),
  /** @type {const} */ (['evict', 'entries']),
  /** @type {const} */ (['evict', 'size']),
]);

class Observers {
  /** The store, as listeners and channels get it. */
  #store;
  #emitter = new EventEmitter();
  /** Noted and not delivered. @type {{ event: EventName, given: [unknown, unknown, string] }[]} */
  #noted = [];
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {object} store */
  constructor(store) {
    this.#store = store;
  }

  /**
   * @param {'on' | 'once' | 'off'} method
   * @param {unknown} event
   * @param {unknown} listener
   */
  change(method, event, listener) {
    if (typeof event !== 'string' || !EVENTS.includes(event)) {
      throw errors.unknownEvent(EVENTS, event);
    }
    if (typeof listener !== 'function') {
      throw errors.invalidType('a function', 'listener', listener);
    }
    this.#emitter[method](event, /** @type {Listener} */ (listener));
  }

  /** @param {EventName} event */
  listens(event) {
    return this.#emitter.listenerCount(event) > 0 || CHANNELS[event].hasSubscribers;
  }

  /**
   * @param {EventName} event
   * @param {string | undefined} key
   * @param {unknown} value
   * @param {string} reason
   */
  note(event, key, value, reason) {
    if (this.listens(event)) this.#noted.push({ event, given: [key, value, reason] });
  }

  /**
   * @param {string} key
   * @param {unknown} value
   * @param {number} departure
   */
  noteDeparture(key, value, departure) {
    const known = DEPARTURES[departure];
    if (known !== undefined) this.note(known[0], key, value, known[1]);
  }

  /** Delivers what was noted. What a listener throws comes out of here; the rest comes later. */
  deliver() {
    try {
      for (let next = this.#noted.shift(); next !== undefined; next = this.#noted.shift()) {
        this.#publish(next);
      }
    } finally {
      if (this.#noted.length > 0) this.#deliverLater();
    }
  }

  /** @param {{ event: EventName, given: [unknown, unknown, string] }} noted */
  #publish({ event, given: [key, value, reason] }) {
    const { [event]: diagnostics } = CHANNELS;
    if (diagnostics.hasSubscribers) {
      diagnostics.publish({ store: this.#store, key, value, reason });
    }
    this.#emitter.emit(event, key, value, reason);
  }

  #deliverLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.deliver(), 0);
    this.#timer.unref();
  }
}

/** Whether somebody subscribed to a channel: asked at every call, so it costs next to nothing. */
function isSubscribed() {
  return (
    SET.hasSubscribers ||
    EXPIRE.hasSubscribers ||
    EVICT.hasSubscribers ||
    DELETE.hasSubscribers ||
    CLEAR.hasSubscribers
  );
}

/** Whether somebody subscribed to the channel of `set`. */
function isSetSubscribed() {
  return SET.hasSubscribers;
}

module.exports = { Observers, isSetSubscribed, isSubscribed };
