/**
 * The errors of shared stores: what happened, to what, and what to do about it.
 *
 * Knows what the native core refuses with, no store. Code and class come from the contract of the
 * two languages; the sentences are here.
 */
'use strict';

const { MismatchedOption, REFUSALS, Refusal, WhenFull } = require('./contract.js');
const { description } = require('../errors/description.js');
const { StoreError, withCause, withCode } = require('../errors/errors.js');

/** The classes of refusals, by name. */
const CLASSES = Object.freeze({ TypeError, RangeError });

/**
 * What a refusal means for a key, a pattern or a name.
 *
 * @type {Readonly<Record<number, Sentence>>}
 */
const SENTENCES = {
  [Refusal.FULL]: (subject) =>
    `No room is left in the store for ${subject}. Delete entries, or open the store with a ` +
    "larger maxBytes or with whenFull: 'evict'",
  [Refusal.TOO_LARGE]: (subject) =>
    `The key and value of ${subject} are larger than the store can hold. Store less, or open the ` +
    'store with a larger maxBytes',
  [Refusal.NOT_NUMBER]: (subject) =>
    `The value under ${subject} is not a number, so nothing can be added to it`,
  [Refusal.BUSY]: (subject) =>
    `Timed out waiting for ${subject}: another participant keeps it locked. Try again later`,
  [Refusal.CORRUPTED]: (subject) =>
    `The store is damaged: what it holds for ${subject} is nothing that a store writes. Remove ` +
    'it with destroy() or SharedStore.remove(), and fill a new one',
  [Refusal.OTHER_CLOCK]: (subject) =>
    `The store ${subject} is in use by processes of another time namespace, whose clock differs: ` +
    'times to live would be wrong. Run them in one, or give the store another path',
  [Refusal.PATTERN]: (subject) =>
    `The pattern ${subject} is too long, or cannot be matched in linear time, as look-around and ` +
    'back-references cannot. Shorten it, or write it without them',
  [Refusal.UNSUPPORTED]: (subject) =>
    `The store ${subject} cannot be opened: ${process.platform} has no stores of this scope`,
  [Refusal.OUT_OF_RANGE]: (subject) =>
    `The sum under ${subject} is not a finite number. Nothing was added`,
};

/** What a store that differs has, by the number of the option. */
const OPTIONS = Object.freeze({
  [MismatchedOption.MAX_BYTES]: 'maxBytes',
  [MismatchedOption.MAX_ENTRIES]: 'maxEntries',
  [MismatchedOption.WHEN_FULL]: 'whenFull',
});

/** What to do about an answer of the system. @type {Readonly<Record<string, string>>} */
const ADVICE = Object.freeze({
  EMFILE:
    'The process has as many files open as it may: close some, or raise the limit (ulimit -n)',
  ENFILE: 'The machine has as many files open as it can: close some of any process',
  ENOENT: 'The folder that is to hold it has to be there',
  EROFS: 'That file system cannot be written: give option path another folder',
  EACCES: 'This user may not write there: give option path another folder',
});

/** @typedef {(subject: string) => string} Sentence */

/**
 * What the native core answers, below zero, when a shared store refuses.
 *
 * @param {number} number
 * @param {string} subject a key, a name or a pattern
 */
function sharedFailure(number, subject) {
  const known = number in SENTENCES ? number : Refusal.CORRUPTED;
  const sentence = /** @type {Sentence} */ (SENTENCES[known]);
  return refused(known, sentence(description(subject)));
}

/**
 * What the native core answers to a pattern, below zero.
 *
 * @param {number} number
 * @param {string} pattern
 * @param {string} flags
 */
function patternFailure(number, pattern, flags) {
  if (number === Refusal.PATTERN && flags === '*') {
    return refused(number, `The pattern ${description(pattern)} is too long. Shorten it`);
  }
  const broken = number === Refusal.PATTERN ? syntaxErrorOf(pattern, flags) : undefined;
  if (broken === undefined) return sharedFailure(number, pattern);
  return refused(number, `The pattern ${description(pattern)} is broken. ${broken}`);
}

/**
 * What the engine finds wrong with a regular expression.
 *
 * @param {string} pattern
 * @param {string} flags
 */
function syntaxErrorOf(pattern, flags) {
  try {
    new RegExp(pattern, flags);
    return undefined;
  } catch (error) {
    return error instanceof SyntaxError ? error.message : undefined;
  }
}

/**
 * A store has no room, or there is none for it.
 *
 * @param {string} message
 */
function storeFull(message) {
  return refused(Refusal.FULL, message);
}

/**
 * The file of a store, or its memory, is nothing that a store writes.
 *
 * @param {string} name
 * @param {string | undefined} file
 */
function damagedFile(name, file) {
  if (file === undefined) return sharedFailure(Refusal.CORRUPTED, name);
  const message =
    `${JSON.stringify(file)} holds no sound store: it is damaged, cut short, or something else. ` +
    'Remove it with SharedStore.remove(), and fill a new one';
  return refused(Refusal.CORRUPTED, message);
}

/**
 * A file is of another version of the package.
 *
 * @param {string} file
 * @param {number} layout
 * @param {number} known
 */
function otherLayout(file, layout, known) {
  const message =
    `${JSON.stringify(file)} has layout ${layout}, of another version of the package; this one ` +
    `reads ${known}. Leave it to that version, or remove it with SharedStore.remove()`;
  return refused(Refusal.MISMATCH, message);
}

/**
 * A store is there with other options than its opener wants.
 *
 * @param {string} name
 * @param {number} option
 * @param {number} value that the store has
 * @param {Record<string, unknown>} wanted
 */
function mismatch(name, option, value, wanted) {
  const names = /** @type {Record<number, string>} */ (OPTIONS);
  const differing = names[option] ?? 'another option';
  const rule = value === WhenFull.EVICT ? "'evict'" : "'error'";
  const has = option === MismatchedOption.WHEN_FULL ? rule : String(value);
  const message =
    `Store ${description(name)} is already there with ${differing} ${has} (got ` +
    `${description(wanted[differing])}). Open it with the same options, or under another name`;
  return refused(Refusal.MISMATCH, message);
}

/**
 * A file or folder that is not to be trusted.
 *
 * @param {string} what is wanted
 * @param {string} path
 * @param {string} got
 */
function storeForbidden(what, path, got) {
  const message = `${JSON.stringify(path)} has to be ${what}, and is ${got}`;
  return new StoreError('ERR_STORE_FORBIDDEN', message);
}

/**
 * The system refuses a file or folder.
 *
 * @param {string} path
 * @param {string} code of the system, `E…`
 * @param {unknown} [cause]
 */
function storeUnavailable(path, code, cause) {
  const advice = ADVICE[code];
  const message =
    `The system refuses to use ${JSON.stringify(path)} for a store: ${code}` +
    `${advice === undefined ? '' : `. ${advice}`}`;
  return withCause(new StoreError('ERR_STORE_UNAVAILABLE', message), cause);
}

/**
 * There is no store of a name that processes share.
 *
 * @param {string} name
 * @param {string | undefined} folder
 */
function noSuchStore(name, folder) {
  const where = folder === undefined ? 'this user has no folder of stores' : `none in ${folder}`;
  const message =
    `There is no store ${description(name)} of scope 'processes': ${where}. SharedStore.list() ` +
    'shows those that there are';
  return new StoreError('ERR_STORE_UNAVAILABLE', message);
}

/** @param {string} path @param {string} code @param {unknown} cause */
function noSpace(path, code, cause) {
  const message = `No room for ${JSON.stringify(path)}: ${code}. Free some of that file system`;
  return withCause(new StoreError('ERR_STORE_FULL', message), cause);
}

/** @param {string} what */
function unsupportedPlatform(what) {
  const message = `${process.platform} has no ${what}`;
  return new StoreError('ERR_UNSUPPORTED_PLATFORM', message);
}

/**
 * @param {number} number
 * @param {string} message
 */
function refused(number, message) {
  const { code, class: name } = /** @type {(typeof REFUSALS)[number]} */ (REFUSALS[number]);
  if (name === 'StoreError') return new StoreError(code, message);
  return withCode(new CLASSES[name](message), code);
}

module.exports = {
  damagedFile,
  mismatch,
  noSpace,
  noSuchStore,
  otherLayout,
  patternFailure,
  sharedFailure,
  storeForbidden,
  storeFull,
  storeUnavailable,
  unsupportedPlatform,
};
