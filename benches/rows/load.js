/**
 * What the loops run over: keys, values and the order of access, all made before the clock starts.
 *
 * Keys are flat strings of 16 characters (fresh-key rows: `'user:' + id`, 13 characters). Orders
 * are drawn from a seeded generator, so two runs touch the same keys. Nothing here knows a store.
 */
'use strict';

const SEED = 20240607;
/** Eight digits, so that a fresh `'user:' + id` has 13 characters: in V8 a rope, hashed anew. */
const FIRST_ID = 10_000_000;
const FIRST_PADDED_ID = 10_000_000_000;
const FIRST_ABSENT_ID = 20_000_000_000;
/** Prime: scatters neighbouring ids without a collision below it. */
const ID_MODULUS = 1_000_003;
/**
 * Long enough that nearly every key is in it. With few keys it is short and of 16 bits, so that
 * reading the order does not push the stores out of the first-level cache.
 */
const ORDER_LENGTH = { few: 1 << 13, many: 1 << 21 };
const FEW_KEYS = 1 << 16;

/** The load of one row at one number of keys. */
function makeLoad({ shape, permuted, twins }, keyCount) {
  if (keyCount >= ID_MODULUS) throw new RangeError(`at most ${ID_MODULUS - 1} keys`);
  const random = randomNumbers(SEED);
  const values = Array.from({ length: keyCount }, (_, id) => ({ id, name: `n${id}` }));
  const keys = makeKeys(shape === 'fresh' ? freshKey : paddedKey, keyCount);
  const order = permuted ? permutation(keyCount, random) : accesses(keyCount, random);
  return {
    keys,
    probes: shape === 'absent' ? makeKeys(absentKey, keyCount) : keys,
    values,
    twins: twins ? values.map(({ id, name }) => ({ id, name })) : values,
    order,
    // A permutation is walked once from its start, with no wrap; its last access looks one
    // further, which is why it holds one access more than there are keys.
    mask: permuted ? -1 : order.length - 1,
  };
}

const freshKey = (id) => `user:${FIRST_ID + id}`;
const paddedKey = (id) => `user:${FIRST_PADDED_ID + ((id * 7919) % ID_MODULUS)}`;
const absentKey = (id) => `user:${FIRST_ABSENT_ID + ((id * 7919) % ID_MODULUS)}`;

function makeKeys(keyOf, keyCount) {
  return Array.from({ length: keyCount }, (_, id) => flat(keyOf(id)));
}

/** The same string in one piece: a rope would be flattened within the first timed loop. */
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

function accesses(keyCount, random) {
  const order =
    keyCount <= FEW_KEYS ? new Uint16Array(ORDER_LENGTH.few) : new Uint32Array(ORDER_LENGTH.many);
  return order.map(() => Math.floor(random() * keyCount));
}

function permutation(keyCount, random) {
  const order = new Uint32Array(keyCount + 1).map((_, index) => index);
  for (let last = keyCount - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other], order[last]];
  }
  order[keyCount] = order[0];
  return order;
}

/** Mulberry32: numbers in [0, 1), the same for the same seed. */
function randomNumbers(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

module.exports = { FIRST_ID, SEED, flat, makeLoad };
