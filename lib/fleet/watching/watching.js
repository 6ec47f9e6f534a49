/**
 * Who watches and subscribes by one object of a fleet store, and what a server says to them.
 *
 * Knows names and versions, no connection but by its pushes. A push says that something was written
 * under a name; of a version it is asked which it is, for it is pushed when it is only used, too.
 * Invariant: who began is told of every change, or that some may be missing; when he is told, no
 * near copy is older than that, for who listens for those may hear of it later.
 */
'use strict';

const { randomUUID } = require('node:crypto');
const errors = require('../../errors/errors.js');
const { placeless } = require('../../errors/fleet-errors.js');
const { callable } = require('../../arguments/options.js');
const { channelArgument, watchOptions, watchedArgument } = require('../../arguments/watched.js');
const { keyOf, pathsOf } = require('../../keys/keyspace.js');
const { WatchedBy } = require('../../native/contract.js');
const { Names } = require('../server/names.js');
const { Changes, listenerSink } = require('./changes.js');
const { Pushes } = require('./pushes.js');

/** How the version of what was invalidated begins. */
const INVALIDATED = 'i';
/** @type {Change} */
const OVERFLOW = Object.freeze({ type: 'overflow', key: undefined });
/** @type {Message} */
const LOST = Object.freeze({ value: undefined, type: 'overflow', origin: 'other' });

/** @typedef {import('../../arguments/watched.js').Wanted} Wanted */
/** @typedef {import('../../arguments/watched.js').How} How */
/** @typedef {InstanceType<typeof import('../server/entries.js').FleetEntries>} Entries */
/** @typedef {InstanceType<typeof import('../../arguments/writes.js').WriteRules>} WriteRules */
/** @typedef {{ type: string, key: string | undefined, tag?: string }} Change */
/** @typedef {{ value: unknown, type: string, origin: string }} Message */
/**
 * @typedef {object} Watch
 * @property {(key: string) => boolean} means whether a change of a key is wanted
 * @property {Map<string, string>} marks the versions last seen, by the names of marks
 * @property {(mark: string) => Change} told what is told of a mark that was invalidated
 * @property {(change: Change) => void} take
 */
/** @typedef {{ name: string, take: (message: Message) => void }} Subscription */

class FleetWatching {
  #entries;
  #pushes;
  #fail;
  /** By which it knows its own messages. */
  #id = randomUUID();
  /** @type {Set<Watch>} */
  #watches = new Set();
  /** @type {Set<Subscription>} */
  #subscriptions = new Set();
  /** What ends each of those that have begun. @type {Set<() => void>} */
  #stops = new Set();
  #isOver = false;

  /**
   * @param {Entries} entries
   * @param {import('./pushes.js').Place | undefined} place none where it is not known
   * @param {{ server: string, timeoutMs: number }} how
   * @param {(error: unknown, channel: string) => void} fail what becomes of what cannot be read
   */
  constructor(entries, place, how, fail) {
    this.#entries = entries;
    this.#fail = fail;
    const hooks = {
      heard: (/** @type {string} */ kind, /** @type {any[]} */ parts) => this.#hear(kind, parts),
      restored: () => this.#overflow(),
      moved: () => this.#overflowChanges(),
    };
    this.#pushes = place && new Pushes(place, entries.names.prefix, how, hooks);
  }

  /**
   * Tells a listener of changes, and gives a promise of the function that stops it; without one, an
   * iterable of changes.
   *
   * @param {unknown} what
   * @param {unknown[]} given a listener, options, or both
   * @param {WriteRules} rules
   */
  watch(what, given, rules) {
    const wanted = watchedArgument(what, rules);
    return this.#begin(given, OVERFLOW, (take) => this.#watch(this.#watchOf(wanted, take)));
  }

  /**
   * The same for messages of a channel.
   *
   * @param {unknown} channel
   * @param {unknown[]} given
   * @param {WriteRules} rules
   */
  subscribe(channel, given, rules) {
    const { string } = channelArgument(channel, rules);
    const name = this.#entries.names.channel(string);
    const start = (/** @type {(message: Message) => void} */ take) => {
      return this.#subscribe({ name, take });
    };
    return this.#begin(given, LOST, start, (listener) => {
      return ({ value, ...about }) => listener(value, about);
    });
  }

  /**
   * @param {unknown} channel
   * @param {unknown} value
   * @param {WriteRules} rules
   */
  async publish(channel, value, rules) {
    const { string } = channelArgument(channel, rules);
    const { codec, names } = this.#entries;
    const bytes = codec.encode(value, string, { noted: this.#id, names: [] });
    await this.#entries.publish(names.channel(string), bytes);
  }

  /** Ends all: the object is closed. */
  end() {
    this.#isOver = true;
    for (const stop of [...this.#stops]) stop();
    this.#pushes?.close();
  }

  /**
   * @template T
   * @param {unknown[]} given
   * @param {T} overflow
   * @param {(take: (told: T) => void) => Promise<() => void>} start gives what stops it
   * @param {(listener: (...told: any[]) => void) => (told: T) => void} [form]
   */
  #begin(given, overflow, start, form = (listener) => listener) {
    const hasListener = typeof given[0] === 'function' || given.length > 1;
    const how = watchOptions(hasListener ? given[1] : given[0]);
    const pushes = this.#pushes;
    if (pushes === undefined) throw placeless('to watch or subscribe');
    if (!hasListener) {
      const begin = (/** @type {import('./changes.js').Sink<T>} */ sink) => {
        return this.#started(pushes, sink, how, start);
      };
      return new Changes(begin, overflow, how.signal);
    }
    const listener = /** @type {(...told: any[]) => void} */ (callable(given[0], 'listener'));
    return this.#started(pushes, listenerSink(form(listener)), how, start);
  }

  /**
   * @template T
   * @param {InstanceType<typeof Pushes>} pushes
   * @param {import('./changes.js').Sink<T>} sink
   * @param {How} how
   * @param {(take: (told: T) => void) => Promise<() => void>} start
   */
  async #started(pushes, sink, { signal, keepAlive }, start) {
    const leave = await start(sink.take);
    if (this.#isOver) {
      leave();
      throw errors.storeClosed('watch');
    }
    if (keepAlive) pushes.keep(1);
    const stop = () => {
      if (!this.#stops.delete(stop)) return;
      signal?.removeEventListener('abort', stop);
      if (keepAlive) pushes.keep(-1);
      sink.end();
      leave();
    };
    this.#stops.add(stop);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    return stop;
  }

  /** @param {Watch} watch */
  async #watch(watch) {
    const pushes = /** @type {InstanceType<typeof Pushes>} */ (this.#pushes);
    this.#watches.add(watch);
    const leave = () => {
      this.#watches.delete(watch);
      if (this.#watches.size === 0) pushes.untrack();
    };
    try {
      await pushes.track();
      await this.#look(watch);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** @param {Subscription} subscription */
  async #subscribe(subscription) {
    const pushes = /** @type {InstanceType<typeof Pushes>} */ (this.#pushes);
    const { name } = subscription;
    this.#subscriptions.add(subscription);
    const leave = () => {
      this.#subscriptions.delete(subscription);
      if (![...this.#subscriptions].some((other) => other.name === name)) pushes.unsubscribe(name);
    };
    try {
      await pushes.subscribe(name);
      return leave;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /**
   * @param {Wanted} wanted
   * @param {(change: Change) => void} take
   * @returns {Watch}
   */
  #watchOf({ string, by, space }, take) {
    const isTag = by === WatchedBy.TAG;
    const marks = isTag ? [string] : pathsOf(by === WatchedBy.KEY ? string : space.prefix);
    const means = {
      [WatchedBy.TAG]: () => false,
      [WatchedBy.KEY]: (/** @type {string} */ key) => key === string,
    }[by];
    return {
      means: means ?? ((key) => key.startsWith(string) && space.has(key)),
      marks: new Map(marks.map((mark) => [Names.escaped(mark), ''])),
      told: () => {
        if (isTag) return { type: 'invalidate', key: undefined, tag: keyOf(string) };
        return { type: 'clear', key: undefined };
      },
      take,
    };
  }

  /**
   * Notes which versions there are: what comes later is a change.
   *
   * @param {Watch} watch
   */
  async #look(watch) {
    const names = [...watch.marks.keys()];
    const versions = await Promise.all(names.map((name) => this.#version(name)));
    for (const [index, name] of names.entries()) watch.marks.set(name, versions[index] ?? '');
  }

  /** @param {string} name */
  async #version(name) {
    const pushes = /** @type {InstanceType<typeof Pushes>} */ (this.#pushes);
    return String((await pushes.ask(['GET', this.#entries.names.mark(name)])) ?? '');
  }

  /**
   * @param {string} kind
   * @param {any[]} parts in Latin-1
   */
  #hear(kind, parts) {
    if (kind === 'message') {
      this.#message(textOf(parts[0]), Buffer.from(String(parts[1]), 'latin1'));
    } else if (kind === 'invalidate') {
      const [names] = parts;
      if (Array.isArray(names)) for (const name of names) this.#change(textOf(name));
      else this.#overflow();
    }
  }

  /** @param {string} name at the server */
  #change(name) {
    const { names } = this.#entries;
    if (names.isMark(name)) {
      this.#mark(name.slice(names.marks.length));
      return;
    }
    const string = names.keyOf(name);
    if (string === undefined) return;
    const watches = [...this.#watches].filter(({ means }) => means(string));
    if (watches.length === 0) return;
    this.#entries.near?.change(string);
    for (const { take } of watches) take({ type: 'change', key: keyOf(string) });
  }

  /** @param {string} mark whose version was written, or used */
  #mark(mark) {
    const watches = [...this.#watches].filter(({ marks }) => marks.has(mark));
    if (watches.length === 0) return;
    this.#version(mark).then(
      (version) => {
        const changed = watches.filter(({ marks }) => marks.get(mark) !== version);
        for (const { marks } of changed) marks.set(mark, version);
        if (changed.length === 0 || !version.startsWith(INVALIDATED)) return;
        this.#tell(mark, changed, ({ told }) => told(mark));
      },
      // Where the connection is lost, that is told when it is there again, too.
      () => this.#tell(mark, watches, () => OVERFLOW),
    );
  }

  /**
   * @param {string} mark
   * @param {Watch[]} watches
   * @param {(watch: Watch) => Change} changeOf
   */
  #tell(mark, watches, changeOf) {
    this.#entries.near?.changeMarks([Names.unescaped(mark)]);
    for (const watch of watches) watch.take(changeOf(watch));
  }

  /**
   * @param {string} name of a channel
   * @param {Buffer} bytes
   */
  #message(name, bytes) {
    for (const subscription of this.#subscriptions) {
      if (subscription.name !== name) continue;
      try {
        const { codec } = this.#entries;
        const value = codec.decode(bytes, name);
        const origin = codec.noted(bytes, name) === this.#id ? 'own' : 'other';
        subscription.take({ value, type: 'message', origin });
      } catch (error) {
        this.#fail(error, name);
        return;
      }
    }
  }

  /** Something may have been missed. */
  #overflow() {
    this.#overflowChanges();
    for (const { take } of this.#subscriptions) take(LOST);
  }

  /** The same of changes alone. */
  #overflowChanges() {
    if (this.#watches.size > 0) this.#entries.near?.changeAll();
    for (const watch of this.#watches) {
      watch.take(OVERFLOW);
      this.#look(watch).catch(() => {});
    }
  }
}

/** @param {unknown} latin1 a text in UTF-8 that was read as if it were Latin-1 */
function textOf(latin1) {
  return Buffer.from(String(latin1), 'latin1').toString();
}

module.exports = { FleetWatching };
