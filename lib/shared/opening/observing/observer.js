/**
 * `StoreObserver`: a store of processes, as one sees it who does not take part.
 *
 * Has no place in the store, takes no lock, moves no counter and writes nothing, so it may look at
 * what is in use, was left by the dead, or is damaged. Invariant: no call waits for anybody.
 */
'use strict';

const errors = require('../../../errors/errors.js');
const { record } = require('../../../arguments/options.js');
const { ALL, filterOf } = require('../../../arguments/filter.js');
const { sharedStringOf } = require('../../../keys/key.js');
const { PLAIN, keyOf, keysOf } = require('../../../keys/keyspace.js');
const { Refusal, Register } = require('../../../native/contract.js');
const failures = require('../../../native/failures.js');
const native = require('../../../native/loader.js');
const { Codec } = require('../../../values/codec.js');
const parts = require('./observed-values.js');
const { sampleOf, sampleOptions } = require('./sample.js');
const { openingFailure } = require('../opening-failure.js');
const { folderPath, placeOptions, storeName } = require('../shared-options.js');
const { STORE_FILE, existingFolder, filesOfName } = require('../store-file.js');

/** Node has it everywhere; other engines may not yet. @type {typeof Symbol.dispose} */
const DISPOSE = Symbol.dispose ?? Symbol.for('nodejs.dispose');
const FILE_NAMES = Object.freeze(['file']);
const LISTING = Object.freeze(['prefix', 'match', 'namespace', 'everywhere']);
const LOOK = Object.freeze(['namespace']);
/** The kind of the value where there is no entry. */
const NO_ENTRY = 0;

class StoreObserver {
  /** In the native core; 0 once closed. */
  #id;
  #file;
  /** Made for values: most looks read none. @type {InstanceType<typeof Codec> | undefined} */
  #codec;

  /** @param {string} file */
  constructor(file) {
    const id = native.observe(file);
    if (id < 0) throw openingFailure(id, { name: file, file });
    this.#id = id;
    this.#file = file;
  }

  get file() {
    return this.#file;
  }

  stats() {
    const id = StoreObserver.#opened(this, 'stats');
    const { name, ...facts } = parts.factsOf(this.#checked(native.observedFacts(id)));
    return { name, file: this.#file, layout: native.layoutVersion(), ...facts };
  }

  participants() {
    return parts.clientsOf(
      this.#checked(native.observedClients(StoreObserver.#opened(this, 'participants'))),
    );
  }

  claims() {
    return parts.claimsOf(
      this.#checked(native.observedClaims(StoreObserver.#opened(this, 'claims'))),
    );
  }

  heldLocks() {
    return parts.locksOf(
      this.#checked(native.observedLocks(StoreObserver.#opened(this, 'heldLocks'))),
    );
  }

  segments() {
    const all = [];
    for (let more = true; more; ) {
      const id = StoreObserver.#opened(this, 'segments');
      const some = parts.segmentsOf(this.#checked(native.observedSegments(id, all.length)));
      all.push(...some);
      more = some.length > 0;
    }
    return all;
  }

  /** @param {unknown} [options] */
  keys(options) {
    StoreObserver.#opened(this, 'keys');
    return this.#keys(filterIn(options));
  }

  /** @param {unknown} [options] */
  entries(options) {
    StoreObserver.#opened(this, 'entries');
    return this.#entries(filterIn(options));
  }

  indexed() {
    StoreObserver.#opened(this, 'indexed');
    let count = 0;
    for (const [, met] of this.#steps('indexed', native.observedIndexed, '')) count += met;
    return count;
  }

  /** @param {unknown} [options] */
  sample(options) {
    const wanted = sampleOptions(options);
    StoreObserver.#opened(this, 'sample');
    return sampleOf(this.#entries(ALL.written), wanted);
  }

  /** @param {unknown} key @param {unknown} [options] */
  get(key, options) {
    if (arguments.length === 0) throw errors.missingArguments('get', 'a key');
    const string = stringIn(key, options);
    const id = StoreObserver.#opened(this, 'get');
    this.#codec ??= new Codec({ id, readStructures: native.observedStructures });
    const read = native.observedGet(id, string);
    const kind = Number(native.registers[Register.KIND]);
    if (kind < 0) throw failures.sharedFailure(kind, keyOf(string));
    return kind === NO_ENTRY ? undefined : this.#codec.decode(read);
  }

  /** @param {unknown} key @param {unknown} [options] */
  entry(key, options) {
    if (arguments.length === 0) throw errors.missingArguments('entry', 'a key');
    const string = stringIn(key, options);
    const seen = native.observedEntry(StoreObserver.#opened(this, 'entry'), string);
    if (typeof seen === 'number') throw failures.sharedFailure(seen, keyOf(string));
    return parts.entriesOf(seen)[0];
  }

  close() {
    if (this.#id === 0) return;
    native.endObserving(this.#id);
    this.#id = 0;
  }

  [DISPOSE]() {
    this.close();
  }

  get [Symbol.toStringTag]() {
    return 'StoreObserver';
  }

  /** @param {string} filter */
  *#keys(filter) {
    for (const [, ...strings] of this.#steps('keys', native.observedKeys, filter)) {
      yield* keysOf(/** @type {string[]} */ (strings));
    }
  }

  /** @param {string} filter */
  *#entries(filter) {
    for (const some of this.#entrySteps(filter)) yield* some;
  }

  /** @param {string} filter */
  *#entrySteps(filter) {
    for (const [, ...seen] of this.#steps('entries', native.observedEntries, filter)) {
      yield parts.entriesOf(seen);
    }
  }

  /**
   * The steps of a walk.
   *
   * @template {[cursor: number, ...unknown[]]} T
   * @param {string} method
   * @param {(id: number, cursor: number, filter: string) => T | number} look
   * @param {string} filter
   */
  *#steps(method, look, filter) {
    // Ends: a walk comes to an end whatever others do meanwhile.
    for (let cursor = 0, isBegun = false; !isBegun || cursor !== 0; isBegun = true) {
      const step = this.#checked(look(StoreObserver.#opened(this, method), cursor, filter));
      cursor = step[0];
      yield step;
    }
  }

  /**
   * As `entries`, in steps, for who has others to serve between two of them: what one step has met,
   * which may be nothing.
   *
   * @param {any} observer a `StoreObserver`
   * @param {unknown} options
   */
  static entrySteps(observer, options) {
    return observer.#entrySteps(filterIn(options));
  }

  /**
   * @param {StoreObserver} receiver
   * @param {string} method
   */
  static #opened(receiver, method) {
    if (!(#id in receiver)) throw errors.invalidThis(method, receiver);
    if (receiver.#id === 0) throw errors.storeClosed(method);
    return receiver.#id;
  }

  /**
   * @template T
   * @param {T | number} seen
   * @returns {T}
   */
  #checked(seen) {
    if (typeof seen !== 'number') return seen;
    if (seen === Refusal.CORRUPTED) throw failures.damagedFile(this.#file, this.#file);
    throw failures.sharedFailure(seen, this.#file);
  }
}

/**
 * A look at the store of a name, or in a file.
 *
 * @param {unknown} target
 * @param {unknown} given options
 */
function observeStore(target, given) {
  if (typeof target === 'object' && target !== null) {
    const file = folderPath(record(target, FILE_NAMES).file);
    if (file === undefined) throw errors.invalidType('a string', 'option file', file);
    return new StoreObserver(file);
  }
  const name = storeName(target);
  const folder = existingFolder(placeOptions(given));
  const files = folder === undefined ? [] : filesOfName(folder, name);
  const layout = native.layoutVersion();
  const layouts = files.map((file) => Number(STORE_FILE.exec(pathless(file))?.[1]));
  const file = files[layouts.indexOf(layout)];
  if (file !== undefined) return new StoreObserver(file);
  if (files[0] !== undefined) {
    throw failures.otherLayout(files[0], Number(layouts[0]), layout);
  }
  throw failures.noSuchStore(name, folder);
}

/** @param {string} file */
function pathless(file) {
  return file.slice(file.lastIndexOf('/') + 1);
}

/**
 * Which entries a walk is to show, as the native core reads it.
 *
 * @param {unknown} options
 */
function filterIn(options) {
  const { namespace, everywhere, ...filter } = record(options, LISTING);
  if (everywhere === true) return ALL.written;
  return filterOf({ ...filter }, spaceOf(namespace)).written;
}

/** @param {unknown} key @param {unknown} options */
function stringIn(key, options) {
  const string = sharedStringOf(key);
  return spaceOf(record(options, LOOK).namespace).stringOf(string);
}

/** @param {unknown} path of namespaces, from the outermost on */
function spaceOf(path) {
  if (path === undefined) return PLAIN;
  if (!Array.isArray(path)) throw errors.invalidType('an array of names', 'option namespace', path);
  return path.reduce((space, name) => space.within(name), PLAIN);
}

module.exports = { StoreObserver, observeStore };
