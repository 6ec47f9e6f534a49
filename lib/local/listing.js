/**
 * Lists of all live entries, oldest first: keys in string form, keys as they were given, values.
 *
 * Knows the table of an open store, and changes nothing.
 */
'use strict';

const { Form, primitiveOf } = require('../keys/key.js');
const { MutableKey } = require('../keys/mutable-key.js');
const { Bits } = require('../native/contract.js');
const { list } = require('../native/loader.js');

const { FORM: FORM_BITS } = Bits;
const FORM_MASK = 2 ** FORM_BITS - 1;

/** @typedef {InstanceType<typeof import('./value-table.js').ValueTable>} ValueTable */

/**
 * @param {ValueTable} table
 * @returns {string[]}
 */
function listKeys(table) {
  return listWith(table, (_code, key) => key);
}

/** @param {ValueTable} table */
function listGivenKeys(table) {
  return listWith(table, (code, key) => {
    const form = code & FORM_MASK;
    if (form !== Form.ORIGINAL) return primitiveOf(key, form);
    const original = table.originals.get(code >> FORM_BITS);
    return MutableKey.is(original) ? original.heldAs(key) : (original ?? key);
  });
}

/** @param {ValueTable} table */
function listValues(table) {
  const codes = /** @type {number[]} */ (list(table.id, 0));
  return codes.map((code) => table.values[code >> FORM_BITS]);
}

/**
 * Shows each entry with its slot.
 *
 * @param {ValueTable} table
 * @param {(slot: number, key: string, value: unknown) => void} show
 */
function visitLive(table, show) {
  listWith(table, (code, key) => {
    const slot = code >> FORM_BITS;
    show(slot, key, table.values[slot]);
  });
}

/**
 * @template T
 * @param {ValueTable} table
 * @param {(code: number, key: string) => T} show
 */
function listWith(table, show) {
  const listed = list(table.id, 1);
  /** @type {T[]} */
  const shown = [];
  for (let index = 0; index < listed.length; index += 2) {
    const code = /** @type {number} */ (listed[index]);
    shown.push(show(code, /** @type {string} */ (listed[index + 1])));
  }
  return shown;
}

module.exports = { listGivenKeys, listKeys, listValues, visitLive };
