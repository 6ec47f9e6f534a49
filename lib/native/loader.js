/**
 * The loader of the native core: finds the one for this platform, or says what it tried.
 *
 * Knows names and files only. Order: the file that `SHARED_MEMORY_STORE_NATIVE_PATH` names, the
 * one beside this file (a build from source), the package for the platform.
 */
'use strict';

const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { StoreError } = require('../errors/errors.js');
const { CONTRACT_VERSION } = require('./contract.js');

const NAME = 'shared-memory-store';

/** The platforms that packages are built for, as `platform-arch` → suffix of the names. */
const SUFFIXES = Object.freeze({
  'linux-x64': ['linux-x64-gnu', 'linux-x64-musl'],
  'linux-arm64': ['linux-arm64-gnu', 'linux-arm64-musl'],
  'darwin-x64': ['darwin-x64'],
  'darwin-arm64': ['darwin-arm64'],
  'win32-x64': ['win32-x64-msvc'],
});

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
 * @property {(id: number) => number} size
 * @property {(id: number) => void} clear
 * @property {(id: number, slots: Uint32Array) => number} drain
 * @property {(id: number, isWatched: number) => void} watch
 * @property {(id: number, limit: number) => (number | string)[]} drainDeparted
 * @property {(id: number) => void} releaseDue
 * @property {(id: number) => number} nextDueMs
 * @property {(id: number) => number[]} counters
 * @property {(id: number, withKeys: number) => (number | string)[]} list
 * @property {(id: number, filter: string) => string[]} listKeys
 * @property {(id: number, filter: string) => number} countKeys
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
 * @property {(id: number, key: string) => void} sharedStaleness
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
 * @property {(id: number, key: string) => number} sharedUse
 * @property {(id: number, key: string) => number} lockKey
 * @property {(id: number, key: string) => number} lockInTurn
 * @property {(id: number, key: string) => number} releaseKey
 * @property {(id: number, key: string) => number[]} holderOf process, thread, 1 if that is this
 *   thread; nothing where nobody keeps the key
 * @property {(id: number, key: string) => number} claimLoad
 * @property {(id: number, key: string) => number} endLoad
 * @property {(id: number, key: string, table: number, tell: () => void) => number} awaitClaim
 * @property {(id: number, ticket: number) => void} endWait
 * @property {WatchChanges} watchChanges
 * @property {(id: number, ticket: number, most: number) => unknown[]} takeChanges
 * @property {(id: number, ticket: number) => void} endWatch
 * @property {(id: number, channel: string, value?: string | Uint8Array) => number} publishMessage
 * @property {(id: number) => Uint8Array | number} readStructures
 * @property {(id: number, bytes: Uint8Array) => number} writeStructures
 * @property {(id: number) => number[] | number} sharedStats
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

/** @returns {Native} */
function load() {
  const chosen = process.env.SHARED_MEMORY_STORE_NATIVE_PATH;
  const candidates = chosen ? [chosen] : platformCandidates();
  /** @type {string[]} */
  const failures = [];
  for (const candidate of candidates) {
    try {
      const core = require(candidate);
      if (core.contractVersion === CONTRACT_VERSION) return core;
      failures.push(`${candidate}: it belongs to another version of ${NAME}`);
    } catch (error) {
      failures.push(`${candidate}: ${reason(error)}`);
    }
  }
  throw new StoreError(
    'ERR_NATIVE_LOAD',
    `Expected the native core of ${NAME} for ${platform()}, got none. Tried:\n` +
      `${failures.map((failure) => `  - ${failure}`).join('\n')}\n` +
      'Install the package again without --omit=optional, or build it: npm run build (needs Rust).',
  );
}

function platformCandidates() {
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
  const files = suffixes.map((suffix) => join(__dirname, `${NAME}.${suffix}.node`));
  const present = files.filter((file) => existsSync(file));
  const packages = suffixes.map((suffix) => `${NAME}-${suffix}`);
  return [...(present.length > 0 ? present : files.slice(0, 1)), ...packages];
}

function platform() {
  return `${process.platform}-${process.arch}`;
}

/** @param {unknown} error */
function reason(error) {
  return error instanceof Error ? String(error.message).split('\n')[0] : String(error);
}

module.exports = load();
