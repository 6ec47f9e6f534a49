/**
 * What the native core and JavaScript agree on: every number that both of them know.
 *
 * Written by `npm run contract` from `src/contract`, and never by hand: a test fails while this
 * file says anything else. Knows nothing.
 */
'use strict';

/** A fingerprint of all that follows: the loader takes no core of another contract. */
const CONTRACT_VERSION = 721662368;

/**
 * The call registers: numbers of one `Float64Array` that go with a call beside its arguments and
 * its result, which cost more. A register has one meaning, and each call says which it reads and
 * which it writes.
 *
 * Registers that a call reads are written right before it, with nothing in between that could make
 * another call. Eight of them are at rest otherwise, and the call that reads one puts it back to
 * rest, so that only a caller who means it has to write it: `WAIT_MS`, `IS_KEPT`, `IF_PRESENT`,
 * `STALE_MS` and `KEEPS_TAGS` rest at 0, `AS_OF` at -1, `MIN` at -Infinity and `MAX` at Infinity. A
 * call for which no stack is left never begins, and leaves them: who writes one writes it before
 * every such call, or puts it back to rest itself where the call throws.
 */
const Register = Object.freeze({
  /**
   * How long what is written is to live, from now on; 0 for no deadline. Read by `place`,
   * `placeBounded`, `touch`, `sharedWrite`, `sharedTouch`, `sharedRefresh` and `sharedIncrement`.
   * In milliseconds.
   */
  TTL_MS: 0,
  /**
   * When the entry stops being there, on the clock of `now`; 0 for never. Written by `place`,
   * `placeBounded`, `touch` and `limit`, by `find` of an entry that has one, by reads of a shared
   * store that find an entry, and by `sharedIncrement`. In milliseconds.
   */
  DEADLINE_MS: 1,
  /**
   * What the value is, as a `Kind`. Read by `sharedWrite`. Written by reads of a shared store: 0
   * where there is no entry, below 0 a `Refusal`.
   */
  KIND: 2,
  /** The length of the value that was found. Written by reads of a shared store. In bytes. */
  LENGTH: 3,
  /**
   * Which version word says whether the value that was found is still current. Written by reads of
   * a shared store.
   */
  STRIPE: 4,
  /**
   * That word, as a signed number: odd while somebody writes. Written by reads of a shared store,
   * and by `sharedNote`; read by `sharedRemoveVersion`, and by `sharedWrite` with
   * `Condition.SAME_VERSION` or `UNMOVED`.
   */
  VERSION: 5,
  /**
   * A number that is written (`sharedWrite`) or added (`sharedIncrement`), or the number of the
   * entry (`limit`; below 0 of one that is new). Written by `sharedIncrement` and `limit`: what the
   * number is now; by `sharedCount` and `sharedDeleteWhere`: how many entries there were.
   */
  AMOUNT: 6,
  /** Where the value begins in the bytes that `sharedWrite` got. In bytes. */
  START: 7,
  /** Where it ends there; of a string, its length. Read by `sharedWrite`. In bytes. */
  END: 8,
  /**
   * 1 of a string that is known to have a byte a character, 0 of any other. Read by `sharedWrite`
   * of a string.
   */
  IS_LATIN1: 9,
  /** When the write takes place, as a `Condition`. Read by `sharedWrite`. */
  CONDITION: 10,
  /**
   * How long to wait for a key that others have locked; 0, where it rests, not to look for locks.
   * Read by `sharedGet`, `sharedTake`, `sharedPeek`, `sharedWrite`, `sharedRemove`, `sharedTouch`
   * and `sharedIncrement`; by `lockKey`, how long to wait for the lock. In milliseconds.
   */
  WAIT_MS: 11,
  /**
   * 1 where an entry that is overwritten while it is live keeps its deadline, and `TTL_MS` is for
   * an entry that is new; 2 (in `place` and `placeBounded`) where it was just seen, and if it has
   * expired since, so has the new one; rests at 0. Read by `place`, `placeBounded` and
   * `sharedWrite`.
   */
  IS_KEPT: 12,
  /**
   * 1 where nothing is to be added but to an entry that is there; rests at 0. Read by
   * `sharedIncrement`.
   */
  IF_PRESENT: 13,
  /** The least that a sum becomes; rests at -Infinity. Read by `sharedIncrement`. */
  MIN: 14,
  /** The most that a sum becomes; rests at Infinity. Read by `sharedIncrement`. */
  MAX: 15,
  /**
   * What an entry counts towards the store's bound on the size. Read by `placeBounded`. In the
   * caller's unit.
   */
  SIZE: 16,
  /** What the clock of the deadlines shows. Written by `now`. In milliseconds. */
  NOW_MS: 17,
  /** How the core knows the oldest entry again, for `openCursor`. Written by `oldest`. */
  DEPARTURES: 18,
  /**
   * The limit of a store that is built where its opener wants none; 0 for the usual one. Read by
   * `openFile`. In bytes.
   */
  FIRST_BYTES: 19,
  /**
   * How far the limit of a store that is built may be raised; 0 for no further. Read by `openFile`.
   * In bytes.
   */
  RESERVE_BYTES: 20,
  /** The number with which the system refused. Written with `Refusal.SYSTEM`. */
  ERRNO: 21,
  /**
   * Which option a store has otherwise, as a `MismatchedOption`. Written with `Refusal.MISMATCH`.
   */
  MISMATCHED_OPTION: 22,
  /** What the store has for it; of `WHEN_FULL`, a `WhenFull`. Written with `Refusal.MISMATCH`. */
  MISMATCHED_VALUE: 23,
  /**
   * The version of the structures of records. Written by `readStructures`, read by
   * `writeStructures`.
   */
  STRUCTURES_VERSION: 24,
  /**
   * How long before its deadline what is written turns stale; rests at 0, for not at all. Read by
   * `sharedWrite`. In milliseconds.
   */
  STALE_MS: 25,
  /** The same of an entry that was found. Written by `sharedStaleness`. In milliseconds. */
  FOUND_STALE_MS: 26,
  /** 1 of a file that a group of users shares. Read by `openFile`. */
  IS_GROUP: 27,
  /** What ran out, as a `Shortage`. Written by `openShared` and `openFile` with `Refusal.FULL`. */
  SHORTAGE: 28,
  /**
   * 1 where an entry that is overwritten while it is live keeps its tags; rests at 0. Read by
   * `sharedWrite`.
   */
  KEEPS_TAGS: 29,
  /**
   * The moment that what is written is of, as `tagMoment` gave it; rests at -1, for now. Read by
   * `sharedWriteTagged` and `areTagsInvalidated`.
   */
  AS_OF: 30,
  /**
   * For which moment the tags of the entry that was found are right: odd while a tag is being
   * invalidated; -1 of one without tags. Written by reads of a shared store.
   */
  MOMENT: 31,
  /** How much of a limit comes back in `LIMIT_PER_MS`. Read by `limit` and `sharedLimit`. */
  LIMIT_RATE: 32,
  /**
   * The time in which `LIMIT_RATE` comes back. Read by `limit` and `sharedLimit`. In milliseconds.
   */
  LIMIT_PER_MS: 33,
  /** How much there is when nothing is taken. Read by `limit` and `sharedLimit`. */
  LIMIT_BURST: 34,
  /** How much is to be taken. Read by `limit` and `sharedLimit`. */
  LIMIT_COST: 35,
  /** How much is left of a limit. Written by `limit` and `sharedLimit`. */
  LIMIT_LEFT: 36,
  /**
   * How long until what was refused is there; Infinity for ever. Written by `limit` and
   * `sharedLimit` that refuse. In milliseconds.
   */
  LIMIT_RETRY_MS: 37,
  /** What a removal goes on with beside its cursor. Read and written by `sharedDeleteWhere`. */
  MOVED: 38,
  /**
   * When what is written stops being there, on the clock of `now`; 0 for never. Read by
   * `sharedWrite` with `Condition.UNMOVED`. In milliseconds.
   */
  UNTIL_MS: 39,
});

/**
 * What the bytes of a shared value are. Values up to `UNDEFINED` come from the native core as
 * themselves; all others are bytes to it.
 */
const Kind = Object.freeze({
  /** A 64-bit float, little-endian. */
  NUMBER: 1,
  /** A string of a byte a unit. Given to `sharedWrite` for any string: the core looks. */
  LATIN1_STRING: 2,
  /** A string of two bytes a unit, little-endian. */
  UTF16_STRING: 3,
  /** `true`, without bytes. */
  TRUE: 4,
  /** `false`, without bytes. */
  FALSE: 5,
  /** `null`, without bytes. */
  NULL: 6,
  /** `undefined`, without bytes: the last that the core knows. */
  UNDEFINED: 7,
  /** A `Uint8Array`. */
  BYTES: 8,
  /** A `Buffer`. */
  BUFFER: 9,
  /** A record whose structure the store keeps. */
  RECORD: 10,
  /** A record that stands for itself. */
  PLAIN: 11,
  /** A structured clone, as the engine that wrote it makes them. */
  CLONE: 12,
});

/** When a write takes place. An entry that has expired is absent. */
const Condition = Object.freeze({
  /** In any case. */
  ALWAYS: 0,
  /** Only where there is no entry. */
  ABSENT: 1,
  /** Only where there is one. */
  PRESENT: 2,
  /** Only where there is one, and its version is the one in the register `VERSION`. */
  SAME_VERSION: 3,
  /**
   * Only while the version of its stripe is the one in the register `VERSION`, entry or none; until
   * the point in time in `UNTIL_MS`.
   */
  UNMOVED: 4,
  /**
   * Only where there is no entry, while this thread has the claim of the key's load, and nobody has
   * removed the key since.
   */
  LED: 5,
});

/** Why a shared store refuses: what a call answers below 0. */
const Refusal = Object.freeze({
  /** No slot or no memory is left. */
  FULL: -1,
  /** The key or the value is longer than this store can ever hold. */
  TOO_LARGE: -2,
  /** The entry holds something other than a number. */
  NOT_NUMBER: -3,
  /** Others hold what is needed, and did not let go in time. */
  BUSY: -4,
  /** The store holds what no store has written. */
  CORRUPTED: -5,
  /** The store has other options: the registers `MISMATCHED_…` say which, and what it has. */
  MISMATCH: -6,
  /** The pattern is none, is too large, or needs more than linear time. */
  PATTERN: -7,
  /** The file of the store is another user's, or no regular file. */
  FORBIDDEN: -8,
  /** The system refuses: the register `ERRNO` says with which number. */
  SYSTEM: -9,
  /** This platform has no such stores. */
  UNSUPPORTED: -10,
  /** The sum is not a finite number. */
  OUT_OF_RANGE: -11,
  /** Processes of another time namespace use the store: their clock differs. */
  OTHER_CLOCK: -12,
});

/** Why an entry left by itself. */
const Removal = Object.freeze({
  /** Its deadline passed. */
  EXPIRED: 1,
  /** There was one entry too many. */
  EVICTED_FOR_ENTRIES: 2,
  /** There was too little room for another's size. */
  EVICTED_FOR_SIZE: 3,
  /** One of its tags was invalidated. */
  INVALIDATED: 4,
});

/** Flags of a code: below the slot, where `find` and `touch` answer with a live entry. */
const Flag = Object.freeze({
  /** The entry has a deadline. */
  TIMED: 1,
  /** The key was given in another form than a string. */
  OTHER_FORM: 2,
  /** The store is bounded: the entry is as the state of its slot says. The facade's own. */
  GUARDED: 4,
  /** The entry has tags. The facade's own. */
  TAGGED: 8,
});

/** How many bits a part of a code takes. */
const Bits = Object.freeze({
  /** Of the flags, below the slot in a code. In bits. */
  FLAGS: 4,
  /**
   * Of a `KeyForm`, below the slot in a code of `list`, and below the id in the target of `place`
   * and `placeBounded`. In bits.
   */
  FORM: 3,
});

/** Parts of the state of a slot of a bounded store: a byte that both sides read and write. */
const SlotState = Object.freeze({
  /** How often the entry was used, up to this number. */
  FREQUENCY: 3,
  /** The key that the near cache has for the slot is that of its entry. */
  NEAR: 4,
});

/** How a key was given: its string and this give it back. */
const KeyForm = Object.freeze({
  /** As a string. */
  STRING: 0,
  /** As a number. */
  NUMBER: 1,
  /** As a bigint. */
  BIGINT: 2,
  /** As `true`, `false`, `null` or `undefined`. */
  LITERAL: 3,
  /** As an object or a function, which the facade keeps. */
  ORIGINAL: 4,
});

/** What was done to an entry ahead of the native core: below its slot in a step of the backlog. */
const BacklogStep = Object.freeze({
  /** It was removed. */
  REMOVE: 0,
  /** It was added. */
  ADD: 1,
});

/** What `claimLoad`, `lockKey` and `lockInTurn` answer. */
const Claim = Object.freeze({
  /** The key is claimed by another. */
  OTHERS: 0,
  /** It is this thread's from now on. */
  WON: 1,
  /** It was this thread's already. */
  OWN: 2,
  /** It is nobody's: too many keys are claimed that share its places. */
  NO_PLACE: 3,
});

/** What keys are claimed for: which claims `awaitClaim` waits for. */
const ClaimTable = Object.freeze({
  /** By locks, which callers hold. */
  LOCKS: 0,
  /** By loads, which one caller does for all. */
  LOADS: 1,
});

/** What `awaitClaim` answers when the wait has not begun; otherwise a ticket, above 0. */
const Waiting = Object.freeze({
  /** The claim may be had. */
  OVER: 0,
  /** There is no thread to be had that could wait: look again in a while. */
  IMPOSSIBLE: -1,
});

/** What `place`, `placeBounded`, `touch` and `rename` answer beside slots and codes. */
const Answer = Object.freeze({
  /** Nothing was done: there is no slot or memory left. */
  FULL: -2147483648,
  /**
   * Of `place` and `placeBounded`: nothing was done yet, released slots are to be drained first.
   */
  DRAIN_FIRST: 0,
});

/** What a store does when it is full, for those who open it. */
const WhenFull = Object.freeze({
  /** Whatever the store that is there does; one that is built refuses. */
  ANY: -1,
  /** It refuses. */
  REFUSE: 0,
  /** It evicts. */
  EVICT: 1,
});

/** The option that a store has otherwise than its opener wants. */
const MismatchedOption = Object.freeze({
  /** `maxBytes`. */
  MAX_BYTES: 1,
  /** `maxEntries`; 0 for no limit. */
  MAX_ENTRIES: 2,
  /** `whenFull`. */
  WHEN_FULL: 3,
});

/** What ran out when a store was to be opened. */
const Shortage = Object.freeze({
  /** Room in the store, in the memory or in the folder. */
  ROOM: 0,
  /** Places for participants: as many as a store can have are there. */
  PARTICIPANTS: 1,
  /** Files that this process can map at a time. */
  MAPPINGS: 2,
  /** Addresses of this process. */
  ADDRESSES: 3,
  /** What this process may make a file long. */
  FILE_SIZE: 4,
});

/** What watchers are told of, as `takeChanges` gives it. */
const Change = Object.freeze({
  /** An entry was set, or its number has changed. */
  SET: 1,
  /** An entry was deleted or taken. */
  DELETE: 2,
  /** The deadline of an entry has passed. */
  EXPIRE: 3,
  /** An entry was dropped for want of room. */
  EVICT: 4,
  /** All entries were removed whose keys begin with this one. */
  CLEAR: 5,
  /** A tag was invalidated. */
  INVALIDATE: 6,
  /** Changes may be missing: look at the store. */
  OVERFLOW: 7,
  /** A message was published on a channel. */
  MESSAGE: 8,
  /** An entry went because one of its tags was invalidated; who watches another is told. */
  PURGE: 9,
});

/** What `watchChanges` is to tell of. */
const WatchedBy = Object.freeze({
  /** Changes of the entry of a key. */
  KEY: 1,
  /** Changes of all entries whose keys begin so. */
  PREFIX: 2,
  /** Messages on a channel. */
  CHANNEL: 3,
  /** Changes of entries with a tag, and that it is invalidated. */
  TAG: 4,
});

/**
 * What loads and waits for locks came to, as participants tell it now and then; in the order of
 * `observedFacts`.
 */
const SharedEffort = Object.freeze({
  /** Loads that gave a value, by all participants since the store was built. In loads. */
  LOADS: 0,
  /**
   * Loads that failed or could not be stored, by all participants since the store was built. In
   * loads.
   */
  LOAD_ERRORS: 1,
  /** Time that factories took for loads that gave a value. In microseconds. */
  LOAD_US: 2,
  /** Stale values that were given while one was made. In reads. */
  STALE_SERVED: 3,
  /** Tasks that had to wait for a lock. In tasks. */
  LOCK_WAITS: 4,
  /** Time that tasks waited for locks. In microseconds. */
  LOCK_WAIT_US: 5,
});

/**
 * The stable code and the class of the error for each `Refusal`, by its number.
 *
 * @type {Readonly<Record<number, Readonly<{
 *   code: string,
 *   class: 'TypeError' | 'RangeError' | 'StoreError',
 * }>>>}
 */
const REFUSALS = Object.freeze({
  [-1]: Object.freeze({ code: 'ERR_STORE_FULL', class: 'StoreError' }),
  [-2]: Object.freeze({ code: 'ERR_TOO_LARGE', class: 'RangeError' }),
  [-3]: Object.freeze({ code: 'ERR_NOT_A_NUMBER', class: 'TypeError' }),
  [-4]: Object.freeze({ code: 'ERR_LOCK_TIMEOUT', class: 'StoreError' }),
  [-5]: Object.freeze({ code: 'ERR_CORRUPTED', class: 'StoreError' }),
  [-6]: Object.freeze({ code: 'ERR_STORE_MISMATCH', class: 'StoreError' }),
  [-7]: Object.freeze({ code: 'ERR_INVALID_PATTERN', class: 'TypeError' }),
  [-8]: Object.freeze({ code: 'ERR_STORE_FORBIDDEN', class: 'StoreError' }),
  [-9]: Object.freeze({ code: 'ERR_STORE_UNAVAILABLE', class: 'StoreError' }),
  [-10]: Object.freeze({ code: 'ERR_UNSUPPORTED_PLATFORM', class: 'StoreError' }),
  [-11]: Object.freeze({ code: 'ERR_OUT_OF_RANGE', class: 'RangeError' }),
  [-12]: Object.freeze({ code: 'ERR_OTHER_CLOCK', class: 'StoreError' }),
});

module.exports = {
  Answer,
  BacklogStep,
  Bits,
  CONTRACT_VERSION,
  Change,
  Claim,
  ClaimTable,
  Condition,
  Flag,
  KeyForm,
  Kind,
  MismatchedOption,
  REFUSALS,
  Refusal,
  Register,
  Removal,
  SharedEffort,
  Shortage,
  SlotState,
  Waiting,
  WatchedBy,
  WhenFull,
};
