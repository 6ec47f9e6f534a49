/**
 * What the rows of shared stores run over: values of other kinds.
 *
 * Keys and orders are those of all rows. Values differ from key to key, so that a wrong one is
 * seen. Nothing here knows a store.
 */
'use strict';

const { flat, makeLoad } = require('../rows/load.js');

/** The first characters of texts: printable ones, one after the other. */
const FIRST_CHARACTER = 0x21;
const CHARACTERS = 94;

const VALUES = {
  object: (id) => ({ id, name: `n${id}`, email: `n${id}@example.com`, score: 1.5, active: true }),
  counter: () => 0,
  'text-100': (id) => text(id, 100),
  'text-1k': (id) => text(id, 1024),
  'text-64k': (id) => text(id, 65_536),
};

/** A load as of the other rows, with values of a kind. */
function makeSharedLoad({ values: kind, keyCount }) {
  const load = makeLoad({}, keyCount);
  const values = Array.from({ length: keyCount }, (_, id) => VALUES[kind](id));
  return { ...load, values, twins: values };
}

/** `length` characters in one piece, one byte each. */
function text(id, length) {
  const first = String.fromCharCode(FIRST_CHARACTER + (id % CHARACTERS));
  return flat(`${first}${id}:`.padEnd(length, 'x'));
}

module.exports = { makeSharedLoad };
