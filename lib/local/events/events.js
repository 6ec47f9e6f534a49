/**
 * Events of a store: begins and ends each of its calls for those who want to know.
 *
 * Knows who listens and what the table tells, no key's meaning. While nobody listens and nobody
 * subscribed, a call asks one question and goes on. Invariant: what happens while somebody listens
 * is told at the end of the call in which it happened, or by a timer when no call is at work.
 */
'use strict';

const native = require('../../native/loader.js');
const { visitLive } = require('../walks/listing.js');
const { ExpiryTimer } = require('./expiry-timer.js');
const { Listeners, isExpireSubscribed, isSubscribed } = require('./listeners.js');

/** @typedef {import('./listeners.js').EventName} EventName */
/** @typedef {InstanceType<typeof import('../table/value-table.js').ValueTable>} ValueTable */
/** @typedef {{ key: string, value: unknown, reason: number }} Departure */
/** @typedef {{ key: string, value: unknown }} Leaving */

class Events {
  /** As listeners get it. @type {object} */
  store = {};
  /** Whether somebody wants to know of each value that leaves. */
  isDisposing = false;
  /** @type {ValueTable} */
  #table;
  /** @type {InstanceType<typeof Listeners> | undefined} */
  #listeners;
  /** @type {InstanceType<typeof ExpiryTimer> | undefined} */
  #timer;
  /** What the table is given while somebody wants to know what leaves by itself. */
  #watcher = {
    /** @type {(slot: number, key: string, value: unknown, reason: number) => void} */
    depart: (slot, key, value, reason) => {
      this.#leaving?.delete(slot);
      const isEarly = slot === this.#newest && this.#early === undefined;
      if (isEarly) this.#early = { key, value, reason };
      else this.#listeners?.noteDeparture(key, value, reason);
    },
    settle: () => {
      if (!this.#table.isOpen) return;
      this.settle();
      this.#setTimer();
      this.#listeners?.deliver(false);
    },
  };
  /** What is about to leave with all others, by slot. @type {Map<number, Leaving> | undefined} */
  #leaving;

  /** The slot of an entry that is to be noted next, or was last; 0 for none. */
  #newest = 0;
  /** Its end, if it has ended by then. @type {Departure | undefined} */
  #early;

  /** @param {ValueTable} table */
  constructor(table) {
    this.#table = table;
  }

  /** Who listens. */
  get emitter() {
    this.#listeners ??= new Listeners(this.store);
    return this.#listeners.emitter;
  }

  /** The listeners have changed. */
  change() {
    this.isDisposing = this.listens('dispose');
    if (!this.#table.isOpen) return;
    this.begin();
    this.#setTimer();
  }

  /** @param {EventName} event */
  listens(event) {
    return this.#listeners?.listens(event) === true;
  }

  /** At the start of a call: whether `end` is to be called at its end. */
  begin() {
    return this.#listeners === undefined && !isSubscribed() ? false : this.#begin();
  }

  /** The same for a call that only looks: it can make no event but that something expired. */
  beginLook() {
    return this.#listeners === undefined && !isExpireSubscribed() ? false : this.#begin();
  }

  /** Whether somebody listens, or has: asked where `begin` was not told so. */
  get isHeard() {
    return this.#listeners !== undefined;
  }

  /** Tells those who listen what happened. */
  end() {
    this.settle();
    this.#setTimer();
    this.#listeners?.deliver(true);
  }

  /** As `end`, but what a listener throws is nobody's who waits for a value. */
  endApart() {
    this.settle();
    this.#setTimer();
    this.#listeners?.deliverApart();
  }

  /**
   * Does something at whose end nobody is told: those who listen are in a turn of their own.
   *
   * @template T
   * @param {() => T} act
   */
  hold(act) {
    this.begin();
    return this.#listeners === undefined ? act() : this.#listeners.hold(act);
  }

  /** Has the table tell all that left by itself until now. */
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
    if (this.#table.isWatched) this.#settle(slot);
  }

  /**
   * The same, of what is due and was not met yet, too, and of every value that is still there:
   * before the store is emptied.
   *
   * @param {'clear' | 'close'} reason
   */
  settleAll(reason) {
    if (this.isDisposing) this.#table.purge.finish();
    this.#leaving = this.isDisposing ? this.#live() : undefined;
    if (this.#table.isWatched) native.size(this.#table.id);
    this.settle();
    const leaving = this.#leaving;
    this.#leaving = undefined;
    this.note('clear', undefined, undefined, reason);
    for (const { key, value } of leaving?.values() ?? []) this.note('dispose', key, value, reason);
  }

  /**
   * @param {EventName} event
   * @param {string | undefined} key
   * @param {unknown} value
   * @param {string} reason
   */
  note(event, key, value, reason) {
    if (this.#listeners !== undefined) this.#listeners.note(event, key, value, reason);
  }

  /**
   * Tells within a call of the one thing that it did, where nobody wants to know what left by
   * itself.
   *
   * @param {EventName} event
   * @param {string} key a plain one
   * @param {unknown} value
   * @param {string} reason
   */
  announce(event, key, value, reason) {
    if (this.#listeners !== undefined) this.#listeners.announce(event, key, value, reason);
  }

  /**
   * Closes the store in `close`, and tells what happened until then.
   *
   * @param {() => void} close
   */
  finish(close) {
    const isObserved = this.begin();
    if (isObserved) this.settleAll('close');
    this.#timer?.clear();
    close();
    if (isObserved) this.#listeners?.deliver(true);
  }

  /** @param {number} newest set at the start, so that no call that was cut off leaves its own */
  #settle(newest) {
    this.#newest = newest;
    this.#noteEarly();
    // The call may have closed the store, which told all that had left by then.
    while (this.#table.isOpen && this.#table.isWatched && this.#table.drain());
  }

  /** Notes an end that was met before its beginning was noted. */
  #noteEarly() {
    const early = this.#early;
    if (early === undefined) return;
    this.#early = undefined;
    this.#listeners?.noteDeparture(early.key, early.value, early.reason);
  }

  /** The values that are there. */
  #live() {
    /** @type {Map<number, Leaving>} */
    const live = new Map();
    visitLive(this.#table, (slot, key, value) => live.set(slot, { key, value }));
    return live;
  }

  #begin() {
    this.#listeners ??= new Listeners(this.store);
    const isWatched = this.isDisposing || this.listens('expire') || this.listens('evict');
    this.#table.watch(isWatched ? this.#watcher : undefined);
    return true;
  }

  #setTimer() {
    if (!this.#table.isOpen) return;
    if (!this.isDisposing && !this.listens('expire')) return this.#timer?.clear();
    this.#timer ??= new ExpiryTimer(this.#table, this.#watcher.settle);
    this.#timer.set();
  }
}

module.exports = { Events };
