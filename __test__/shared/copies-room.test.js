/**
 * The room that a thread has for copies of what it reads often.
 *
 * Must not know a store. Invariant tested: copies take no more than their bytes, whichever they
 * take the place of.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { NearCopies } = require('../../lib/shared/near/near-copies.js');

const CAPACITY_BYTES = 32 * 1024 * 1024;

const found = (length) => ({ kind: 1, deadlineMs: 0, length, stripe: 1, version: 0, moment: -1 });

function bytesOf(copies) {
  let bytes = 0;
  for (const copy of copies.values()) bytes += copy.bytes;
  return bytes;
}

test('large copies that take the place of small ones keep to the bytes of all', () => {
  const copies = new NearCopies(new Int32Array(8));
  for (let index = 0; index < 100_000; index += 1) copies.store(`${index}`, undefined, 1, found(8));
  assert.equal(copies.size, 100_000);
  for (let index = 0; index < 100; index += 1) {
    copies.store(`large ${index}`, undefined, 'x', found(1_000_000));
    assert.ok(copies.has(`large ${index}`));
    assert.ok(bytesOf(copies) <= CAPACITY_BYTES);
  }
});
