/**
 * Lists of all live entries, oldest first: keys in string form, keys as they were given, values.
 *
 * Knows the slab of an open store, and changes nothing.
 */
'use strict';

const { Form, primitiveOf } = require('../keys/key.js');
const { MutableKey } = require('../keys/mutable-key.js');
const { Bits } = require('../native/contract.js');
const { list } = require('../native/loader.js');

const { FORM: FORM_BITS } = Bits;
const FORM_MASK = 2 ** FORM_BITS - 1;

/** @typedef {InstanceType<typeof import('./slab.js').Slab>} Slab */

/**
 * @param {Slab} slab
 * @returns {string[]}
 */
function listKeys(slab) {
  return listWith(slab, (_code, key) => key);
}

/** @param {Slab} slab */
function listGivenKeys(slab) {
  return listWith(slab, (code, key) => {
    const form = code & FORM_MASK;
    if (form !== Form.ORIGINAL) return primitiveOf(key, form);
    const original = slab.originals.get(code >> FORM_BITS);
    return MutableKey.is(original) ? original.heldAs(key) : (original ?? key);
  });
}

/** @param {Slab} slab */
function listValues(slab) {
  const codes = /** @type {number[]} */ (list(slab.id, 0));
  return codes.map((code) => slab.values[code >> FORM_BITS]);
}

/**
 * @template T
 * @param {Slab} slab
 * @param {(code: number, key: string) => T} show
 */
function listWith(slab, show) {
  const listed = list(slab.id, 1);
  /** @type {T[]} */
  const shown = [];
  for (let index = 0; index < listed.length; index += 2) {
    const code = /** @type {number} */ (listed[index]);
    shown.push(show(code, /** @type {string} */ (listed[index + 1])));
  }
  return shown;
}

module.exports = { listGivenKeys, listKeys, listValues };
