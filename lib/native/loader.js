/**
 * The loader of the native core: finds the one for this platform, or says what it tried.
 *
 * Order: the file that `SHARED_MEMORY_STORE_NATIVE_PATH` names; of each C library the one beside
 * this file (a build from source) and the package for the platform; files beside the program that
 * this module was made a part of. Invariant: a core of another version is never used.
 */
'use strict';

const { existsSync } = require('node:fs');
const { basename, dirname, join, resolve } = require('node:path');
const { StoreError } = require('../errors/errors.js');
const { CONTRACT_VERSION } = require('./contract.js');
const { NAME, SUFFIXES, fileOf, namesOf, required } = require('./cores.js');
const { later } = require('./later.js');

const advice = later(() => require('./advice.js'));

/** What engines are called that run programs of others. */
const ENGINES = /^(node|nodejs|bun|deno)\b/;
/** Earlier ones lack functions of Node-API. */
const OLDEST_BUN = Object.freeze([1, 2, 6]);

/**
 * @typedef {(id: number, what: string, by: number, ring: () => void, spaceUnits: number) => number}
 *   WatchChanges
 */
/**
 * What the native core exports; `src/binding` says it in full. Slots are small
 * integers: positive for a live entry, negative for the other outcome that names a slot.
 *
 * @typedef {object} Native
 * @property {(
 *   intervalMs: number,
 *   automatic: number,
 *   maxEntries: number,
 *   maxSize: number,
 *   toldUs: number,
 * ) => number} open
 * @property {(id: number) => void} close
 * @property {(id: number, key: string) => number} find
 * @property {(target: number, key: string) => number} place
 * @property {(target: number, key: string) => number} placeBounded
 * @property {(id: number, states: Uint8Array) => void} shareStates
 * @property {(id: number, us: number) => void} tellTime
 * @property {(id: number, key: string) => number} touch
 * @property {(id: number, key: string) => number} remove
 * @property {(id: number, from: string, to: string, form: number) => number} rename
 * @property {(id: number, steps: Uint32Array, keys: string, slots: Uint32Array) => number} catchUp
 * @property {(id: number) => number} size
 * @property {(id: number) => void} clear
 * @property {(id: number, slots: Uint32Array) => number} drain
 * @property {(id: number, isWatched: number) => void} watch
 * @property {(id: number, limit: number) => (number | string)[]} drainDeparted
 * @property {(id: number) => void} releaseDue
 * @property {(id: number) => number} nextDueMs
 * @property {(id: number) => number[]} counters
 * @property {(id: number, withKeys: number, gone?: Uint32Array) => (number | string)[]} list
 * @property {(id: number, filter: string, gone?: Uint32Array) => string[]} listKeys
 * @property {(id: number, filter: string, gone?: Uint32Array) => number} countKeys
 * @property {(id: number, cursor: number, filter: string) => (number | string)[]} listSome
 * @property {(id: number, slots: Uint32Array, count: number) => void} removeSlots
 * @property {(id: number, slots: Uint32Array, count: number) => void} releaseSlots
 * @property {(
 *   id: number,
 *   cursor: number,
 *   filter: string,
 *   slots: Uint32Array,
 * ) => number} removeSome
 * @property {(id: number, slot: number) => number} limit
 * @property {(filter: string) => number} checkFilter
 * @property {(filter: string, key: string) => boolean} isMeant
 * @property {(id: number, entry?: [string]) => number} oldest
 * @property {(id: number, departures?: number) => number} openCursor
 * @property {(id: number, cursor: number, filter: string, entry?: [string]) => number} advance
 * @property {(id: number, cursor: number) => void} closeCursor
 * @property {Int32Array<ArrayBuffer> | undefined} ticks a count of milliseconds, 0 while it stands
 *   still; and a word that is to be 1 once somebody has looked at it
 * @property {() => number} startTicks 1 when the count goes up
 * @property {() => void} forgetTicksWhenWoken
 * @property {(id: number, intervalMs: number) => boolean} startSweeping
 * @property {(id: number) => boolean} stopSweeping
 * @property {(id: number) => number} nextSweepMs
 * @property {(
 *   name: string,
 *   maxBytes: number,
 *   maxEntries: number,
 *   whenFull: number,
 * ) => number} openShared
 * @property {(
 *   path: string,
 *   name: string,
 *   maxBytes: number,
 *   maxEntries: number,
 *   whenFull: number,
 * ) => number} openFile what it is built with where nothing is wanted is in the registers
 * @property {(
 *   id: number,
 *   maxBytes: number,
 *   maxEntries: number,
 *   whenFull: number,
 * ) => number} meetsShared
 * @property {() => string} storeSuffix the end of the name of each store's file
 * @property {(id: number) => number} isNamed whether who opens the name gets this store: 1 or 0
 * @property {(id: number) => number} removeName
 * @property {(id: number) => number} clearIfAlone 1 if nobody else had the store open
 * @property {() => number} layoutVersion of the stores that it opens
 * @property {(path: string) => Observed | number} observeFile
 * @property {() => Observed[]} observeThreads the stores of this process's threads
 * @property {(path: string) => number} observe the id of a store that is only looked at
 * @property {(id: number) => void} endObserving
 * @property {(id: number) => [string, ...number[]] | number} observedFacts
 * @property {(id: number) => number[] | number} observedClients
 * @property {(id: number) => (number | string | undefined)[] | number} observedClaims
 * @property {(id: number) => number[] | number} observedLocks
 * @property {(id: number, from: number) => number[] | number} observedSegments
 * @property {(id: number, key: string) => unknown} observedGet
 * @property {(id: number, key: string) => (string | number)[] | number} observedEntry
 * @property {(id: number, cursor: number, filter: string) => [number, ...string[]] | number}
 *   observedKeys
 * @property {(
 *   id: number,
 *   cursor: number,
 *   filter: string,
 * ) => [number, ...(string | number)[]] | number} observedEntries
 * @property {(id: number, cursor: number) => [cursor: number, met: number] | number}
 *   observedIndexed
 * @property {(id: number) => Uint8Array | number} observedStructures
 * @property {(path: string) => number} removeFile 1 if there was one
 * @property {(descriptor: number, path: string) => number} holdDraft 1, or 0 if it is gone
 * @property {(path: string) => number} removeLeftDraft 1 if its writer was gone, and now it is
 * @property {(id: number, bytes: number) => number} setMaxBytes
 * @property {(id: number) => [maxBytes: number, least: number, most: number]} limits
 * @property {(id: number, words?: ArrayBufferLike) => void} closeShared
 * @property {(id: number) => Int32Array | undefined} versionWords
 * @property {(id: number, key: string) => unknown} sharedGet
 * @property {(id: number, key: string) => unknown} sharedTake
 * @property {(id: number, key: string) => void} sharedPeek
 * @property {(id: number, key: string) => number} sharedStaleness
 * @property {(id: number, key: string) => unknown} sharedView as `sharedGet`, uncounted
 * @property {(id: number, key: string, value?: string | Uint8Array) => number} sharedWrite
 * @property {(
 *   id: number,
 *   key: string,
 *   value: string | Uint8Array | undefined,
 *   tags: string,
 * ) => number} sharedWriteTagged
 * @property {(id: number, tags: string) => number} invalidateTags
 * @property {(id: number, path: string) => number} clearSpace
 * @property {(id: number) => number} tagMoment
 * @property {(id: number, tags: string) => number} areTagsInvalidated
 * @property {(id: number, key: string) => string} sharedTags
 * @property {(id: number, key: string) => number} sharedRemove
 * @property {(id: number, key: string) => number} sharedRemoveVersion
 * @property {(id: number, key: string) => number} sharedNote
 * @property {(id: number, key: string) => number} sharedInvalidate
 * @property {(id: number, key: string) => number} sharedTouch
 * @property {(id: number, key: string) => number} sharedRefresh
 * @property {(id: number, key: string) => number} sharedIncrement
 * @property {(id: number, key: string) => number} sharedLimit
 * @property {(id: number) => number} sharedSize
 * @property {(id: number) => number} hasNamespaces whether keys of one may be there: 1 or 0
 * @property {(id: number) => number} noteNamespaces
 * @property {(id: number) => number} sharedClear
 * @property {(
 *   id: number,
 *   cursor: number,
 *   filter: string,
 * ) => [number, ...string[]] | number} sharedScan
 * @property {(id: number, cursor: number, filter: string) => number} sharedCount
 * @property {(id: number, cursor: number, filter: string) => number} sharedDeleteWhere
 * @property {(id: number, pattern: string, flags: string) => string[] | number} sharedMatches
 * @property {(id: number, hits: number) => void} countHits
 * @property {(id: number, effort: number, amount: number) => void} countEffort
 * @property {(id: number, key: string) => number} sharedUse
 * @property {(id: number, key: string) => number} lockKey
 * @property {(id: number, key: string) => number} lockInTurn
 * @property {(id: number, key: string) => number} releaseKey
 * @property {(id: number, key: string) => number[]} holderOf process, thread, 1 if that is this
 *   thread; nothing where nobody keeps the key
 * @property {(id: number, key: string) => number} claimLoad
 * @property {(id: number, key: string) => number} endLoad
 * @property {(id: number, key: string) => number} leadsLoad
 * @property {(id: number) => number} overtakeLoads
 * @property {(id: number, key: string, table: number, tell: () => void) => number} awaitClaim
 * @property {(id: number, ticket: number) => void} endWait
 * @property {WatchChanges} watchChanges
 * @property {(id: number, ticket: number, most: number) => unknown[]} takeChanges
 * @property {(id: number, ticket: number) => void} endWatch
 * @property {(id: number, channel: string, value?: string | Uint8Array) => number} publishMessage
 * @property {(id: number) => Uint8Array | number} readStructures
 * @property {(id: number, bytes: Uint8Array) => number} writeStructures
 * @property {(id: number) => number[] | number} sharedStats
 * @property {(id: number) => number} beginTerm
 * @property {(id: number, term: number, momentMs: number) => number} sayHeard
 * @property {(id: number, boundMs: number) => number} isTrusted
 * @property {() => number} wakingTime
 * @property {() => void} now
 * @property {number} contractVersion of the numbers and calls that it knows
 * @property {Uint8Array} scratch where values of shared stores are copied to
 * @property {Float64Array} registers numbers beside a call: see `Register` in contract.js
 */

/**
 * A store as those see it who do not open it: of each participant process, thread, since when.
 *
 * @typedef {[name: string, bytes: number, ...participants: number[]]} Observed
 */

/** What was tried, and why it was not that. @typedef {{ what: string, error: unknown }} Failure */

/** @returns {Native} */
function load() {
  checkEngine();
  const chosen = process.env.SHARED_MEMORY_STORE_NATIVE_PATH;
  const candidates = chosen ? [{ what: chosen, get: () => opened(chosen) }] : candidatesHere();
  /** @type {Failure[]} */
  const failures = [];
  for (const { what, get } of candidates) {
    try {
      const core = get();
      if (core.contractVersion === CONTRACT_VERSION) return core;
      failures.push({ what, error: `it belongs to another version of ${NAME}` });
    } catch (error) {
      failures.push({ what, error });
    }
  }
  const { adviceFor, reasonOf } = advice();
  const lines = failures.map(({ what, error }) => `  - ${what}: ${reasonOf(error)}\n`);
  throw new StoreError(
    'ERR_NATIVE_LOAD',
    `Expected the native core of ${NAME} for ${platform()}, got none. Tried:\n` +
      `${lines.join('')}${adviceFor(failures.map(({ error }) => error))}`,
  );
}

/** Throws where the engine lacks what the core calls: to load it would end the process. */
function checkEngine() {
  const { bun } = process.versions;
  if (bun === undefined || !isOlder(bun, OLDEST_BUN)) return;
  throw new StoreError(
    'ERR_UNSUPPORTED_PLATFORM',
    `Expected Bun ${OLDEST_BUN.join('.')} or later for ${NAME}, got ${bun}. Run: bun upgrade.`,
  );
}

/**
 * @param {string} version
 * @param {readonly number[]} than
 */
function isOlder(version, than) {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  const at = than.findIndex((part, index) => part !== parts[index]);
  return at >= 0 && Number(parts[at]) < Number(than[at]);
}

function candidatesHere() {
  /** @type {Readonly<Record<string, readonly string[]>>} */
  const known = SUFFIXES;
  const suffixes = known[platform()];
  if (suffixes === undefined) {
    throw new StoreError(
      'ERR_UNSUPPORTED_PLATFORM',
      `Expected one of ${Object.keys(SUFFIXES).join(', ')} for the platform of ${NAME}, ` +
        `got ${platform()}. Tried nothing. Building it from source needs Rust: npm run build.`,
    );
  }
  // A file that is there for another C library does not load, and the next one is tried: asking
  // which library this is would cost 8 ms.
  const named = suffixes.flatMap(namesOf).map((name) => ({
    what: name.startsWith('.') ? join(__dirname, name) : name,
    get: () => fromBundle(required(name)),
  }));
  const besides = suffixes.flatMap(besideProgram).map((file) => ({
    what: file,
    get: () => opened(file),
  }));
  return isProgramOfItsOwn() ? [...besides, ...named] : [...named, ...besides];
}

/** Whether the engine is a part of the program: there it warns of a `require` with a path. */
function isProgramOfItsOwn() {
  return !ENGINES.test(basename(process.execPath));
}

/**
 * Files beside the program: one that is a single file requires nothing but parts of Node.
 *
 * @param {string} suffix
 */
function besideProgram(suffix) {
  const folders = new Set([dirname(process.execPath), dirname(process.argv[1] ?? '')]);
  return [...folders].map((folder) => join(folder, fileOf(suffix))).filter(existsSync);
}

/**
 * The core in a file.
 *
 * @param {string} file
 */
function opened(file) {
  if (!file.endsWith('.node')) return require(file);
  /** @type {{ exports: any }} */
  const module = { exports: {} };
  process.dlopen(module, resolve(file));
  return module.exports;
}

/**
 * What a `require` gave: some bundlers give the path of the file that they wrote.
 *
 * @param {any} given
 */
function fromBundle(given) {
  const file = typeof given?.default === 'string' ? given.default : given;
  if (typeof file !== 'string') return given;
  const files = [dirname(process.argv[1] ?? ''), __dirname].map((from) => resolve(from, file));
  return opened(files.find(existsSync) ?? file);
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

module.exports = load();
