/**
 * Lists of live entries, oldest first: keys in string form, keys as they were given, values.
 *
 * Knows the table of an open store, and changes nothing, but that some of what was invalidated
 * goes; the rest is left out.
 */
'use strict';

const { Form, primitiveOf } = require('../../keys/key.js');
const { isPlain, keyOf } = require('../../keys/keyspace.js');
const { MutableKey } = require('../../keys/mutable-key.js');
const { Bits } = require('../../native/contract.js');
const { storeClosed } = require('../../errors/errors.js');
const native = require('../../native/loader.js');

const { FORM: FORM_BITS } = Bits;
const FORM_MASK = 2 ** FORM_BITS - 1;

/** @typedef {InstanceType<typeof import('../table/value-table.js').ValueTable>} ValueTable */
/** @typedef {InstanceType<typeof import('../../arguments/filter.js').Filter>} Filter */

/**
 * The live keys that are meant.
 *
 * @param {ValueTable} table
 * @param {Filter} filter
 * @returns {string[]}
 */
function listKeys(table, filter) {
  return native.listKeys(table.id, filter.written, table.purge.left());
}

/**
 * How many live keys are meant.
 *
 * @param {ValueTable} table
 * @param {Filter} filter
 * @returns {number}
 */
function countKeys(table, filter) {
  return native.countKeys(table.id, filter.written, table.purge.left());
}

/**
 * The live entries that are meant, some at a time: others may change the store in between.
 *
 * @param {ValueTable} table
 * @param {Filter} filter
 * @param {string} method for whom
 */
function* listSteps(table, filter, method) {
  const cursor = native.openCursor(table.id);
  try {
    for (;;) {
      if (!table.isOpen) throw storeClosed(method);
      const listed = native.listSome(table.id, cursor, filter.written);
      yield new Some(table.tags.isPending ? withoutGone(listed, table.tags) : listed);
      if (listed[0] === 0) return;
    }
  } finally {
    if (table.isOpen) native.closeCursor(table.id, cursor);
  }
}

/** Some entries, as the native core lists them: code and key in turns, behind a number. */
class Some {
  #listed;
  count;

  /** @param {(number | string)[]} listed */
  constructor(listed) {
    this.#listed = listed;
    this.count = (listed.length - 1) / 2;
  }

  /** @param {number} index */
  slot(index) {
    return /** @type {number} */ (this.#listed[index * 2 + 1]) >> FORM_BITS;
  }

  /** @param {number} index */
  key(index) {
    return /** @type {string} */ (this.#listed[index * 2 + 2]);
  }

  keys() {
    return Array.from({ length: this.count }, (_, index) => this.key(index));
  }
}

/**
 * What is listed of entries that were not invalidated.
 *
 * @param {(number | string)[]} listed
 * @param {ValueTable['tags']} tags
 */
function withoutGone(listed, tags) {
  const kept = listed.slice(0, 1);
  for (let index = 1; index < listed.length; index += 2) {
    const code = /** @type {number} */ (listed[index]);
    if (tags.isGone(code >> FORM_BITS)) continue;
    kept.push(code, /** @type {string} */ (listed[index + 1]));
  }
  return kept;
}

/** @param {ValueTable} table */
function listGivenKeys(table) {
  return listPlain(table, (code, string) => {
    const key = keyOf(string);
    const form = code & FORM_MASK;
    if (form !== Form.ORIGINAL) return primitiveOf(key, form);
    const original = table.originals.get(code >> FORM_BITS);
    return MutableKey.is(original) ? original.heldAs(key) : (original ?? key);
  });
}

/** @param {ValueTable} table */
function listValues(table) {
  if (table.hasNamespaces) return listPlain(table, (code) => table.values[code >> FORM_BITS]);
  const codes = /** @type {number[]} */ (native.list(table.id, 0, table.purge.left()));
  return codes.map((code) => table.values[code >> FORM_BITS]);
}

/**
 * Shows each entry with its slot, those of namespaces, too.
 *
 * @param {ValueTable} table
 * @param {(slot: number, string: string, value: unknown) => void} show
 */
function visitLive(table, show) {
  visit(table, (code, string) => {
    const slot = code >> FORM_BITS;
    show(slot, string, table.values[slot]);
  });
}

/**
 * @template T
 * @param {ValueTable} table
 * @param {(code: number, string: string) => T} show
 */
function listPlain(table, show) {
  /** @type {T[]} */
  const shown = [];
  visit(table, (code, string) => {
    if (isPlain(string)) shown.push(show(code, string));
  });
  return shown;
}

/**
 * @param {ValueTable} table
 * @param {(code: number, string: string) => void} see
 */
function visit(table, see) {
  const listed = native.list(table.id, 1, table.purge.left());
  for (let index = 0; index < listed.length; index += 2) {
    see(/** @type {number} */ (listed[index]), /** @type {string} */ (listed[index + 1]));
  }
}

module.exports = { countKeys, listGivenKeys, listKeys, listSteps, listValues, visitLive };
