/**
 * What the loops run over: keys, values and the order of access, all made before the clock starts.
 *
 * Keys are flat strings of 16 characters (fresh-key rows: `'user:' + id`, 13 characters). Orders
 * are drawn from a seeded generator, so two runs touch the same keys. Nothing here knows a store.
 */
'use strict';

const { permutation, randomNumbers, zipfRanks } = require('./random.js');

const SEED = 20240607;
/** Eight digits, so that a fresh `'user:' + id` has 13 characters: in V8 a rope, hashed anew. */
const FIRST_ID = 10_000_000;
const FIRST_PADDED_ID = 10_000_000_000;
const FIRST_ABSENT_ID = 20_000_000_000;
const FIRST_POOL_ID = 30_000_000_000;
/** Prime: scatters neighbouring ids without a collision below it. */
const ID_MODULUS = 1_000_003;
/** The same for the ids of a pool. */
const POOL_MODULUS = 4_194_319;
const ID_STRIDE = 7919;
/**
 * Long enough that nearly every key is in it. With few keys it is short and of 16 bits, so that
 * reading the order does not push the stores out of the first-level cache.
 */
const ORDER_LENGTH = { few: 1 << 13, many: 1 << 21 };
const FEW_KEYS = 1 << 16;
/** A key of the pool comes again after so many others as four full stores hold, or more. */
const POOL_STORES = 4;
const GROUPS = 1 << 6;
const GROUP_KEYS = 100;

/**
 * The load of one row at one number of keys. `keys` fill the store, `probes` are asked for;
 * `objectsPerKey` has so many times more of these, a few of them much more often than the rest.
 */
function makeLoad({ shape, permuted, twins, counters, pooled, objectsPerKey = 1 }, keyCount) {
  const objects = keyCount * objectsPerKey;
  if (objects >= ID_MODULUS) throw new RangeError(`at most ${ID_MODULUS - 1} keys`);
  const random = randomNumbers(SEED);
  const values = Array.from({ length: objects }, (_, id) => ({ id, name: `n${id}` }));
  const all = makeKeys(shape === 'fresh' ? freshKey : paddedKey, objects);
  const probes = shape === 'absent' ? makeKeys(absentKey, objects) : all;
  const order = ORDERS[orderOf({ permuted, objectsPerKey })](objects, random);
  // A permutation is walked once from its start, with no wrap; its last access looks one
  // further, which is why it holds one access more than there are keys.
  const mask = permuted ? -1 : order.length - 1;
  const pool = pooled ? makePool(keyCount) : [];
  return {
    keys: objects === keyCount ? all : all.slice(0, keyCount),
    probes,
    values: counters ? values.map(() => 0) : values,
    twins: twins ? values.map(({ id, name }) => ({ id, name })) : values,
    order,
    mask,
    groups: makeGroups(probes, order),
    groupMask: GROUPS - 1,
    pool,
    poolMask: pool.length - 1,
    /** Where a lane starts over, in the order as in the pool. */
    wrap: pooled ? mask | (pool.length - 1) : mask,
  };
}

const freshKey = (id) => `user:${FIRST_ID + id}`;
const paddedKey = (id) => `user:${FIRST_PADDED_ID + ((id * ID_STRIDE) % ID_MODULUS)}`;
const absentKey = (id) => `user:${FIRST_ABSENT_ID + ((id * ID_STRIDE) % ID_MODULUS)}`;
const poolKey = (id) => `user:${FIRST_POOL_ID + ((id * ID_STRIDE) % POOL_MODULUS)}`;

function makeKeys(keyOf, keyCount) {
  return Array.from({ length: keyCount }, (_, id) => flat(keyOf(id)));
}

/** The same string in one piece: a rope would be flattened within the first timed loop. */
function flat(text) {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Keys that never fill a store, a power of two of them. All have been hashed, as keys in use. */
function makePool(keyCount) {
  const pool = makeKeys(poolKey, 2 ** Math.ceil(Math.log2(keyCount * POOL_STORES)));
  if (new Set(pool).size !== pool.length) throw new Error('two keys of the pool are equal');
  return pool;
}

/** The keys of the first accesses, so many at a time. */
function makeGroups(probes, order) {
  return Array.from({ length: GROUPS }, (_, group) =>
    Array.from({ length: GROUP_KEYS }, (_, place) => {
      return probes[order[(group * GROUP_KEYS + place) % order.length]];
    }),
  );
}

const ORDERS = { any: anyKeys, each: eachKeyOnce, skewed: skewedKeys };

function orderOf({ permuted, objectsPerKey }) {
  if (permuted) return 'each';
  return objectsPerKey > 1 ? 'skewed' : 'any';
}

function anyKeys(keyCount, random) {
  const order =
    keyCount <= FEW_KEYS ? new Uint16Array(ORDER_LENGTH.few) : new Uint32Array(ORDER_LENGTH.many);
  return order.map(() => Math.floor(random() * keyCount));
}

function eachKeyOnce(keyCount, random) {
  const order = new Uint32Array(keyCount + 1);
  order.set(permutation(keyCount, random));
  order[keyCount] = order[0];
  return order;
}

/** By Zipf's law; which keys are the popular ones is drawn too. */
function skewedKeys(keyCount, random) {
  const rank = zipfRanks(keyCount, 1, random);
  const keys = permutation(keyCount, random);
  return new Uint32Array(ORDER_LENGTH.many).map(() => keys[rank()]);
}

module.exports = { FIRST_ID, GROUP_KEYS, SEED, flat, makeLoad };
