/**
 * A store under observation: begins and ends each of its calls for those who want to know.
 *
 * Knows who observes and what the slab tells, no key's meaning. While nobody listens and nobody
 * subscribed, a call asks one question and goes on. Invariant: what happens while somebody listens
 * is told at the end of the call in which it happened, or by a timer when no call is at work.
 */
'use strict';

const native = require('../../native/loader.js');
const { ExpiryAlarm } = require('./expiry-alarm.js');
const { Observers, isExpireSubscribed, isSubscribed } = require('./observers.js');

/** @typedef {import('./observers.js').EventName} EventName */
/** @typedef {InstanceType<typeof import('../slab.js').Slab>} Slab */
/** @typedef {{ key: string, value: unknown, reason: number }} Departure */

class Observation {
  /** As observers get it. @type {object} */
  store = {};
  /** @type {Slab} */
  #slab;
  /** @type {InstanceType<typeof Observers> | undefined} */
  #observers;
  /** @type {InstanceType<typeof ExpiryAlarm> | undefined} */
  #alarm;
  /** What the slab is given while somebody wants to know what leaves by itself. */
  #watcher = {
    /** @type {(slot: number, key: string, value: unknown, reason: number) => void} */
    depart: (slot, key, value, reason) => {
      const isEarly = slot === this.#newest && this.#early === undefined;
      if (isEarly) this.#early = { key, value, reason };
      else this.#observers?.noteDeparture(key, value, reason);
    },
    settle: () => {
      if (this.#slab.id !== 0) this.end();
    },
  };

  /** The slot of an entry that is to be noted next, or was last; 0 for none. */
  #newest = 0;
  /** Its end, if it has ended by then. @type {Departure | undefined} */
  #early;

  /** @param {Slab} slab */
  constructor(slab) {
    this.#slab = slab;
  }

  /**
   * Adds or removes a listener.
   *
   * @param {'on' | 'once' | 'off'} method
   * @param {unknown} event
   * @param {unknown} listener
   */
  change(method, event, listener) {
    this.#observers ??= new Observers(this.store);
    this.#observers.change(method, event, listener);
    this.begin();
    this.#setAlarm();
  }

  /** @param {EventName} event */
  listens(event) {
    return this.#observers?.listens(event) === true;
  }

  /** At the start of a call: whether `end` is to be called at its end. */
  begin() {
    return this.#observers === undefined && !isSubscribed() ? false : this.#begin();
  }

  /** The same for a call that only looks: it can make no event but that something expired. */
  beginLook() {
    return this.#observers === undefined && !isExpireSubscribed() ? false : this.#begin();
  }

  /** Tells those who listen what happened. */
  end() {
    this.settle();
    this.#setAlarm();
    this.#observers?.deliver();
  }

  /** As `end`, but what a listener throws is nobody's who waits for a value. */
  endApart() {
    this.settle();
    this.#setAlarm();
    this.#observers?.deliverApart();
  }

  /** Has the slab tell all that left by itself until now. */
  settle() {
    this.#settle(0);
  }

  /**
   * The same, but for the entry at `slot`, which the caller notes next: a sweep may have ended it
   * already, and that is told after it.
   *
   * @param {number} slot
   */
  settleBefore(slot) {
    if (this.#slab.isWatched) this.#settle(slot);
  }

  /** The same, of what is due and was not met yet, too: before the store is emptied. */
  settleAll() {
    if (this.#slab.isWatched) native.size(this.#slab.id);
    this.settle();
  }

  /**
   * @param {EventName} event
   * @param {string | undefined} key
   * @param {unknown} value
   * @param {string} reason
   */
  note(event, key, value, reason) {
    if (this.#observers !== undefined) this.#observers.note(event, key, value, reason);
  }

  /**
   * Closes the store in `close`, and tells what happened until then.
   *
   * @param {() => void} close
   */
  finish(close) {
    const isObserved = this.begin();
    if (isObserved) this.settleAll();
    this.#alarm?.clear();
    close();
    if (!isObserved) return;
    this.note('clear', undefined, undefined, 'close');
    this.#observers?.deliver();
  }

  /** @param {number} newest set at the start, so that no call that was cut off leaves its own */
  #settle(newest) {
    this.#newest = newest;
    this.#noteEarly();
    while (this.#slab.isWatched && this.#slab.drain());
  }

  /** Notes an end that was met before its beginning was noted. */
  #noteEarly() {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    this.#observers?.noteDeparture(early.key, early.value, early.reason);
  }

  #begin() {
    this.#observers ??= new Observers(this.store);
    const isWatched = this.#observers.listens('expire') || this.#observers.listens('evict');
    this.#slab.watch(isWatched ? this.#watcher : undefined);
    return true;
  }

  #setAlarm() {
    if (this.#slab.id === 0) return;
    if (!this.listens('expire')) return this.#alarm?.clear();
    this.#alarm ??= new ExpiryAlarm(this.#slab.id, this.#watcher.settle);
    this.#alarm.set();
  }
}

module.exports = { Observation };
