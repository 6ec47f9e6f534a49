/**
 * Look-ups of the entries of a store by their keys in string form: near cache, then native core.
 *
 * Knows no argument of a caller, and writes nothing. Invariant: what has expired or was invalidated
 * is absent, and leaves when it is met.
 */
'use strict';

const { isKey } = require('../keys/keyspace.js');
const { Register } = require('../native/contract.js');
const native = require('../native/loader.js');
const { DOUBTED, FLAG_BITS, TIMED } = require('./near/near-cache.js');

// A property of the native module is looked up anew in each call; a constant is not.
const { find, registers } = native;
const { DEADLINE_MS } = Register;

/** @typedef {InstanceType<typeof import('./table/value-table.js').ValueTable>} ValueTable */

class Lookups {
  table;
  near;
  values;
  /** Look-ups of values that the native core answered, and those that found nothing. */
  found = 0;
  missed = 0;

  /** @param {ValueTable} table */
  constructor(table) {
    this.table = table;
    this.near = table.near;
    this.values = table.values;
  }

  /**
   * The code of a live entry, or 0.
   *
   * @param {string} string
   */
  find(string) {
    const known = this.near.get(string);
    if (known === undefined) return this.#seek(string);
    return this.isRight(known) ? known : this.askAnew(string);
  }

  /**
   * As `find`, and nobody learns of it.
   *
   * @param {string} string
   */
  peek(string) {
    const known = this.near.get(string);
    if (known !== undefined) return this.isRight(known) ? known : this.askAnew(string);
    return this.near.isAbsent(string) ? 0 : this.#spotted(string) || this.askLive(string);
  }

  /**
   * As `find`, of a key that the near cache does not have.
   *
   * @param {string} string
   */
  ask(string) {
    const code = this.askLive(string);
    if (code > 0) this.near.admit(string, code);
    return code;
  }

  /**
   * The code of a live entry whose value somebody wants, or 0: counted, in every way.
   *
   * @param {string} string
   * @param {number | undefined} known the code that the near cache has, if any
   */
  look(string, known) {
    if (known !== undefined && this.isRight(known)) {
      this.near.reads += 1;
      this.use(known);
      return known;
    }
    const code = known === undefined ? this.#seek(string) : this.askAnew(string);
    if (code === 0) {
      this.missed += 1;
      return 0;
    }
    this.found += 1;
    this.use(code);
    return code;
  }

  /**
   * The value of such an entry, or `undefined`.
   *
   * @param {string} string
   * @param {number | undefined} known
   */
  read(string, known) {
    // Slot 0, that of no entry, holds `undefined`.
    return this.values[this.look(string, known) >> FLAG_BITS];
  }

  /** @param {string} string @param {unknown} absent what it gives where there is no entry */
  readOr(string, absent) {
    const code = this.look(string, this.near.get(string));
    return code === 0 ? absent : this.values[code >> FLAG_BITS];
  }

  /**
   * The entry of a code counts as used.
   *
   * @param {number} code
   */
  use(code) {
    if (this.table.isBounded) this.table.use(code >> FLAG_BITS);
  }

  /**
   * Milliseconds until a live entry expires, or Infinity; 0 when there is none.
   *
   * @param {string} string
   */
  leftMs(string) {
    const code = this.find(string);
    return code === 0 ? 0 : this.table.leftMs(code);
  }

  /**
   * Whether the entry of a code is the one that was seen.
   *
   * @param {number} code
   * @param {import('../store/backend.js').Seen} seen
   */
  holds(code, { mark, value }) {
    const slot = code >> FLAG_BITS;
    return slot !== 0 && slot === mark >> FLAG_BITS && Object.is(this.values[slot], value);
  }

  /**
   * Whether the near cache is right about a key of which it has this code.
   *
   * @param {number} code
   */
  isRight(code) {
    return (code & DOUBTED) === 0 || this.table.isLive(code);
  }

  /**
   * Releases the entry of a key if it was invalidated: the native core would take it for one.
   *
   * @param {string} string
   */
  release(string) {
    if (!this.table.tags.isPending) return;
    // Whatever is known of it near: what was invalidated is forgotten first.
    if (this.near.get(string) === undefined) this.askLive(string);
    else this.find(string);
  }

  /**
   * As `ask`, of a key about which the near cache is not right. It is forgotten first: the native
   * core is about to free its slot, or has given it away.
   *
   * @param {string} string
   */
  askAnew(string) {
    const { near } = this;
    const wasWhole = near.distrust();
    near.forget(string);
    const code = this.askLive(string);
    if (code > 0 && !(wasWhole && near.add(string, code))) near.admit(string, code);
    near.trust(wasWhole);
    return code;
  }

  /**
   * The code of a live entry of a key that the near cache does not have, or 0.
   *
   * @param {string} string
   */
  #seek(string) {
    return this.near.isAbsent(string) ? 0 : this.#spotted(string) || this.ask(string);
  }

  /**
   * The code of a live entry of a namespace of which there is a spot, and one that is right, or 0.
   *
   * @param {string} string
   */
  #spotted(string) {
    const { spots } = this.near;
    if (spots.size === 0 || isKey(string)) return 0;
    const code = spots.get(string)?.code ?? 0;
    return code !== 0 && this.isRight(code) ? code : 0;
  }

  /**
   * The code of a live entry by the native core, or 0. Only a namespace's keys are known near
   * without the near cache's having them.
   *
   * @param {string} string
   */
  askLive(string) {
    if (this.near.spots.size === 0 || isKey(string)) return this.#askLive(string);
    // Should the call end half-way, what is known must not lead to a slot that somebody else gets.
    const spot = this.near.suspend(string);
    const code = this.#askLive(string);
    if (code === 0) this.near.forget(string);
    else if (spot !== undefined) this.near.settle(string, spot, code);
    return code;
  }

  /** @param {string} string */
  #askLive(string) {
    const code = this.#findLive(string);
    if (code > 0) return code;
    if (code < 0) {
      // The core has just freed the slot of an expired entry. No call before its value is gone.
      this.values[-code] = undefined;
      this.table.forgetParts(-code);
    }
    return 0;
  }

  /**
   * What the native core says of a key, if it is not of an entry that was invalidated.
   *
   * @param {string} string
   */
  #findLive(string) {
    const code = find(this.table.id, string);
    // Where a call that was to change it was cut off, the table does not know it any more.
    if (code > 0 && (code & TIMED) !== 0) {
      this.table.deadlines[code >> FLAG_BITS] = /** @type {number} */ (registers[DEADLINE_MS]);
    }
    if (code <= 0 || !this.table.tags.isGone(code >> FLAG_BITS)) return code;
    this.table.purge.release(code >> FLAG_BITS);
    return 0;
  }
}

module.exports = { Lookups };
