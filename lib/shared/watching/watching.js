/**
 * Who watches and subscribes by one object of a shared store, and how they are told.
 *
 * Knows entries of a store as names only. What a listener throws is nobody's who has called
 * something: the process hears of it, and the others are told. Invariant: a listener is told in the
 * async context in which it began, in order, one change at a time, and not once it has stopped.
 */
'use strict';

const { setImmediate } = require('node:timers');
const errors = require('../../errors/errors.js');
const failures = require('../../native/failures.js');
const { callable } = require('../../arguments/options.js');
const { keyOf } = require('../../keys/keyspace.js');
const { Refusal, Register } = require('../../native/contract.js');
const native = require('../../native/loader.js');
const { asyncContext, outside, throwApart } = require('../../native/timers.js');
const { ChangeIterator } = require('./change-iterator.js');
const { eventOf, messageOf } = require('./told.js');
const { Watch } = require('./watch.js');
const { channelArgument, watchOptions, watchedArgument } = require('../../arguments/watched.js');

const { registers } = native;
const { AMOUNT, END, IS_LATIN1, KIND, START } = Register;

/** @typedef {import('./watch.js').Handle} Handle */
/** @typedef {import('./watch.js').Noted} Noted */
/** @typedef {import('./watch.js').Wanted} Wanted */
/** @typedef {import('./watch.js').How} How */
/** @typedef {InstanceType<typeof import('../../arguments/writes.js').WriteRules>} WriteRules */

class Watching {
  #handleOf;
  #fail;
  /** @type {Set<InstanceType<typeof Watch>>} */
  #watches = new Set();

  /**
   * @param {() => Handle} handleOf the store that the object has open now
   * @param {(error: unknown, channel: string) => void} fail what becomes of what cannot be read
   */
  constructor(handleOf, fail) {
    this.#handleOf = handleOf;
    this.#fail = fail;
  }

  /**
   * Tells a listener of changes, and gives the function that stops it; without one, gives an
   * iterable of changes.
   *
   * @param {unknown} what
   * @param {unknown[]} given a listener, options, or both
   * @param {WriteRules} rules of the keys that are watched
   * @param {() => void} check whether the store is open
   */
  watch(what, given, rules, check) {
    const wanted = watchedArgument(what, rules);
    return this.#begin(wanted, given, check, {
      show: eventOf,
      tell: (noted, listener) => listener(eventOf(noted)),
    });
  }

  /**
   * The same for messages of a channel.
   *
   * @param {unknown} channel
   * @param {unknown[]} given
   * @param {WriteRules} rules
   * @param {() => void} check
   */
  subscribe(channel, given, rules, check) {
    const wanted = channelArgument(channel, rules);
    return this.#begin(wanted, given, check, {
      show: (noted) => {
        const { value, about } = messageOf(noted, this.#handleOf().codec);
        return { ...about, value };
      },
      tell: (noted, listener) => {
        let message;
        try {
          message = messageOf(noted, this.#handleOf().codec);
        } catch (error) {
          this.#fail(error, keyOf(wanted.string));
          return;
        }
        listener(message.value, message.about);
      },
    });
  }

  /**
   * @param {unknown} channel
   * @param {unknown} value
   * @param {WriteRules} rules
   * @param {() => void} check whether the store is open, once the caller's code has run
   */
  publish(channel, value, rules, check) {
    const { string } = channelArgument(channel, rules);
    const encoded = this.#handleOf().codec.encode(value, string);
    check();
    registers[KIND] = encoded.kind;
    registers[START] = encoded.start;
    registers[END] = encoded.end;
    registers[AMOUNT] = encoded.amount;
    registers[IS_LATIN1] = encoded.isLatin1;
    const answer = native.publishMessage(this.#handleOf().id, string, encoded.bytes);
    if (answer === Refusal.OUT_OF_RANGE) throw errors.messageTooLong(keyOf(string));
    if (answer < 0) throw failures.sharedFailure(answer, keyOf(string));
  }

  /** Ends all: the object is closed. */
  end() {
    for (const watch of [...this.#watches]) watch.end();
  }

  /**
   * @template T
   * @param {Wanted} wanted
   * @param {unknown[]} given
   * @param {() => void} check
   * @param {object} form
   * @param {(noted: Noted) => T} form.show
   * @param {(noted: Noted, listener: (...told: any[]) => void) => void} form.tell
   */
  #begin(wanted, given, check, { show, tell }) {
    const hasListener = typeof given[0] === 'function' || given.length > 1;
    const how = watchOptions(hasListener ? given[1] : given[0]);
    check();
    if (!hasListener) return this.#iterate(wanted, how, show);
    const listener = /** @type {(...told: any[]) => void} */ (callable(given[0], 'listener'));
    return this.#listen(wanted, how, (noted) => tell(noted, listener));
  }

  /**
   * @template T
   * @param {Wanted} wanted
   * @param {How} how
   * @param {(noted: Noted) => T} show
   */
  #iterate(wanted, how, show) {
    const ended = (/** @type {InstanceType<typeof Watch>} */ watch) => this.#watches.delete(watch);
    const iterator = new ChangeIterator(this.#handleOf(), wanted, how, { show, ended });
    if (iterator.watch.isOpen) this.#watches.add(iterator.watch);
    return iterator;
  }

  /**
   * @param {Wanted} wanted
   * @param {How} how
   * @param {(noted: Noted) => void} tell
   */
  #listen(wanted, { signal, keepAlive }, tell) {
    const context = asyncContext('STORE_WATCHER');
    const stop = () => watch.end();
    const drain = () => {
      const { noted, hasMore } = watch.take();
      for (const one of noted) {
        if (!watch.isOpen) return;
        try {
          context.runInAsyncScope(tell, undefined, one);
        } catch (error) {
          throwApart(error);
        }
      }
      if (hasMore) outside(() => setImmediate(drain));
    };
    const watch = new Watch(this.#handleOf(), wanted, keepAlive, {
      ring: drain,
      ended: () => {
        this.#watches.delete(watch);
        signal?.removeEventListener('abort', stop);
      },
    });
    this.#watches.add(watch);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    return stop;
  }
}

module.exports = { Watching };
