/**
 * Who wants to know what happens in a store: listeners and diagnostics channels.
 *
 * Knows events, no slots. Events are noted while a call is at work and delivered at its end, so
 * that a listener finds the store in step and may call it. Invariant: each event that was noted is
 * delivered once, whatever an earlier listener throws.
 */
'use strict';

const { channel } = require('node:diagnostics_channel');
const { isPlain, keyOf, namesOf } = require('../../keys/keyspace.js');
const { Removal } = require('../../native/contract.js');
const { inOwnTurn, outside, stopTimer, throwApart } = require('../../native/timers.js');
const { Emitter } = require('../../store/events/emitter.js');

/** @typedef {'set' | 'delete' | 'expire' | 'evict' | 'clear'} ChannelName */
/** @typedef {ChannelName | 'dispose'} EventName */
/** @typedef {{ event: EventName, given: [unknown, unknown, string, string[]?] }} Noted */

const EVENTS = Object.freeze(['set', 'delete', 'expire', 'evict', 'clear', 'dispose', 'error']);
const CHANNEL_PREFIX = 'shared-memory-store:';

const SET = channel(`${CHANNEL_PREFIX}set`);
const DELETE = channel(`${CHANNEL_PREFIX}delete`);
const EXPIRE = channel(`${CHANNEL_PREFIX}expire`);
const EVICT = channel(`${CHANNEL_PREFIX}evict`);
const CLEAR = channel(`${CHANNEL_PREFIX}clear`);
/** @type {Readonly<Record<string, ReturnType<typeof channel> | undefined>>} */
const CHANNELS = { set: SET, delete: DELETE, expire: EXPIRE, evict: EVICT, clear: CLEAR };

/** Why an entry left by itself, by the number that the native core gives. */
const DEPARTURES = Object.freeze({
  [Removal.EXPIRED]: /** @type {const} */ (['expire', 'ttl']),
  [Removal.EVICTED_FOR_ENTRIES]: /** @type {const} */ (['evict', 'entries']),
  [Removal.EVICTED_FOR_SIZE]: /** @type {const} */ (['evict', 'size']),
});
/** The number of those whose tags were invalidated: nobody but 'dispose' tells of them. */
const { INVALIDATED } = Removal;

class Listeners {
  /** The store, as listeners and channels get it. */
  #store;
  emitter = new Emitter(EVENTS);
  /** @type {Noted[]} */
  #noted = [];
  /** How many of them were delivered. */
  #delivered = 0;
  /**
   * Whether listeners are being told, or are not to be: what they cause is told to all after what
   * caused it.
   */
  #isTelling = false;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {object} store */
  constructor(store) {
    this.#store = store;
    this.emitter.store = store;
  }

  /** @param {EventName} event */
  listens(event) {
    return this.emitter.listens(event) || CHANNELS[event]?.hasSubscribers === true;
  }

  /**
   * @param {EventName} event
   * @param {string | undefined} key what its entry is kept under
   * @param {unknown} value
   * @param {string} reason
   */
  note(event, key, value, reason) {
    if (!this.listens(event)) return;
    if (key === undefined || isPlain(key)) {
      this.#noted.push({ event, given: [key && keyOf(key), value, reason] });
    } else if (event === 'dispose') {
      // Whoever frees what values hold has to know of all of them.
      this.#noted.push({ event, given: [keyOf(key), value, reason, namesOf(key)] });
    }
  }

  /**
   * @param {string} key
   * @param {unknown} value
   * @param {number} departure
   */
  noteDeparture(key, value, departure) {
    if (departure === INVALIDATED) return this.note('dispose', key, value, 'invalidate');
    const known = DEPARTURES[/** @type {keyof typeof DEPARTURES} */ (departure)];
    if (known === undefined) return;
    this.note(known[0], key, value, known[1]);
    this.note('dispose', key, value, known[0]);
  }

  /**
   * Delivers what was noted. What a listener throws comes out of here; the rest comes later.
   *
   * @param {boolean} isWithin whether a call is at work, and no timer
   */
  deliver(isWithin) {
    if (this.#noted.length === 0) return;
    // Should the call that tells have been cut off, the timer goes on.
    if (this.#isTelling) return this.deliverLater();
    this.#isTelling = true;
    try {
      while (this.#delivered < this.#noted.length) {
        this.#delivered += 1;
        const { event, given } = /** @type {Noted} */ (this.#noted[this.#delivered - 1]);
        this.#publish(event, given, isWithin);
      }
    } finally {
      this.#isTelling = false;
      this.#noted.splice(0, this.#delivered);
      this.#delivered = 0;
      if (this.#noted.length > 0) this.deliverLater();
    }
  }

  /**
   * Notes an event of a plain key and delivers it within the call that is at work: at once, where
   * nothing is to be told before it.
   *
   * @param {EventName} event
   * @param {string} key
   * @param {unknown} value
   * @param {string} reason
   */
  announce(event, key, value, reason) {
    if (this.#isTelling || this.#noted.length > 0) {
      this.note(event, key, value, reason);
      return this.deliver(true);
    }
    this.#isTelling = true;
    try {
      this.#publish(event, [keyOf(key), value, reason], true);
    } catch (error) {
      this.deliverLater();
      throw error;
    } finally {
      this.#isTelling = false;
    }
    // What it has caused.
    this.deliver(true);
  }

  /**
   * Does something within which nothing is delivered: what it causes is told in a turn of its own.
   *
   * @template T
   * @param {() => T} act
   */
  hold(act) {
    const wasTelling = this.#isTelling;
    this.#isTelling = true;
    try {
      return act();
    } finally {
      this.#isTelling = wasTelling;
    }
  }

  /** Delivers what was noted; what a listener throws, the process hears of. */
  deliverApart() {
    try {
      this.deliver(true);
    } catch (error) {
      throwApart(error);
    }
  }

  /** Delivers what was noted in a turn of its own; so it is the process that hears of errors. */
  deliverLater() {
    if (this.#noted.length === 0) return;
    stopTimer(this.#timer);
    this.#timer = inOwnTurn(() => {
      this.#isTelling = false;
      this.deliver(false);
    });
  }

  /**
   * @param {EventName} event
   * @param {Noted['given']} given
   * @param {boolean} isWithin
   */
  #publish(event, given, isWithin) {
    const { [event]: diagnostics } = CHANNELS;
    if (diagnostics?.hasSubscribers) {
      const [key, value, reason] = given;
      const message = { store: this.#store, key, value, reason };
      if (isWithin) diagnostics.publish(message);
      else outside(() => diagnostics.publish(message));
    }
    this.emitter.tell(event, given, isWithin);
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

/** Whether somebody subscribed to the channel of `expire`. */
function isExpireSubscribed() {
  return EXPIRE.hasSubscribers;
}

/** Whether somebody subscribed to the channel of `set`. */
function isSetSubscribed() {
  return SET.hasSubscribers;
}

module.exports = { Listeners, isExpireSubscribed, isSetSubscribed, isSubscribed };
