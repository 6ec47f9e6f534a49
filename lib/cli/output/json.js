/**
 * Values as JSON, one line, with what JSON has no words for said as well as it can be.
 *
 * Knows no store. Invariant: every value that a store can hold has a text, one that holds itself,
 * too, and in the text there is nothing that a terminal would do.
 */
'use strict';

const { printable } = require('./text.js');

const AGAIN = '[Circular]';

/** @param {unknown} value */
function jsonText(value) {
  // Escaped as JSON has it: it says the same.
  return printable(JSON.stringify(value, replacing()));
}

/** What JSON is to say in place of each value; for one text. */
function replacing() {
  /** What is being written at this moment, and what is written for it, the outermost first. */
  const around = /** @type {{ value: object, written: unknown }[]} */ ([]);

  /** @this {unknown} @param {string} _name @param {unknown} value */
  return function replaced(_name, value) {
    if (typeof value !== 'object' || value === null) return primitive(value);
    while (around.length > 0 && around.at(-1)?.written !== this) around.pop();
    if (around.some((it) => it.value === value)) return AGAIN;
    const written = writtenFor(value);
    around.push({ value, written });
    return written;
  };
}

/** @param {unknown} value */
function primitive(value) {
  if (typeof value === 'bigint') return String(value);
  const isOfJson = typeof value !== 'number' || Number.isFinite(value);
  return isOfJson ? value : String(value);
}

/** @param {object} value */
function writtenFor(value) {
  if (value instanceof Map) {
    const isByName = [...value.keys()].every((key) => typeof key === 'string');
    return isByName ? Object.fromEntries(value) : [...value];
  }
  if (value instanceof Set) return [...value];
  if (value instanceof RegExp) return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  const errors = value instanceof AggregateError ? { errors: value.errors } : {};
  return Object.assign({ name, message, stack, cause }, errors, value);
}

module.exports = { jsonText };
