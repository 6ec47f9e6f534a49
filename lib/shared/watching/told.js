/**
 * What watchers and subscribers are told of a change that was noted.
 *
 * Knows no store but its codec. Invariant: an event says what has changed by its type, and whose
 * doing it was as far as somebody did it: that time passes is nobody's.
 */
'use strict';

const { keyOf } = require('../../keys/keyspace.js');
const { Change, Kind, Register } = require('../../native/contract.js');
const { registers } = require('../../native/loader.js');

/** @typedef {import('./watch.js').Noted} Noted */
/** @typedef {'set' | 'delete' | 'expire' | 'evict' | 'clear' | 'invalidate' | 'overflow'} Type */

/**
 * @typedef {object} ChangeEvent
 * @property {Type} type
 * @property {string | undefined} key
 * @property {'own' | 'other'} origin
 * @property {string} [tag]
 */

/** @type {Readonly<Record<number, Type>>} */
const TYPES = Object.freeze({
  [Change.SET]: 'set',
  [Change.DELETE]: 'delete',
  [Change.EXPIRE]: 'expire',
  [Change.EVICT]: 'evict',
  [Change.CLEAR]: 'clear',
  [Change.INVALIDATE]: 'invalidate',
  [Change.OVERFLOW]: 'overflow',
  // To who watches another tag it is just gone.
  [Change.PURGE]: 'delete',
});

/** Those that are of one entry. */
const OF_AN_ENTRY = Object.freeze([
  Change.SET,
  Change.DELETE,
  Change.EXPIRE,
  Change.EVICT,
  Change.PURGE,
]);
/** What is nobody's doing. */
const BY_ITSELF = Object.freeze([Change.EXPIRE, Change.PURGE]);

/**
 * @param {Noted} noted
 * @returns {ChangeEvent}
 */
function eventOf({ change, isOwn, key }) {
  const type = /** @type {Type} */ (TYPES[change]);
  const isMine = isOwn && !(/** @type {number[]} */ (BY_ITSELF).includes(change));
  const origin = isMine ? 'own' : 'other';
  if (change === Change.INVALIDATE) return { type, key: undefined, origin, tag: keyOf(key) };
  return {
    type,
    key: /** @type {number[]} */ (OF_AN_ENTRY).includes(change) ? keyOf(key) : undefined,
    origin,
  };
}

/**
 * @param {Noted} noted
 * @param {InstanceType<typeof import('../../values/codec.js').Codec>} codec
 * @returns {{ value: unknown, about: { type: 'message' | 'overflow', origin: 'own' | 'other' } }}
 */
function messageOf({ change, isOwn, kind, value }, codec) {
  if (change === Change.OVERFLOW) {
    return { value: undefined, about: { type: 'overflow', origin: 'other' } };
  }
  /** @type {{ type: 'message', origin: 'own' | 'other' }} */
  const about = { type: 'message', origin: isOwn ? 'own' : 'other' };
  if (kind <= Kind.UNDEFINED) return { value, about };
  const bytes = /** @type {Uint8Array} */ (value);
  registers[Register.KIND] = kind;
  registers[Register.LENGTH] = bytes.length;
  return { value: codec.decode(bytes), about };
}

module.exports = { eventOf, messageOf };
