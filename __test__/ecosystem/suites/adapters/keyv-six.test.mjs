/**
 * Keyv 6 over the adapter, with what it does itself: namespaces, times, values as they are.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Keyv from 'keyv';
import Six from 'keyv6';
import KeyvAdapter, { createKeyv } from 'shared-memory-store/keyv';
import { temporaryStore } from 'shared-memory-store/testing';

const HOUR_MS = 3_600_000;

for (const Class of [Keyv, Six]) {
  const version = Class === Six ? 6 : 5;

  test(`Keyv ${version} keeps namespaces apart and knows when an entry expires`, async () => {
    const store = temporaryStore();
    const open = (namespace) => new Class({ store: new KeyvAdapter({ store }), namespace });
    const [users, pages] = [open('users'), open('pages')];
    await users.set('a', 1, HOUR_MS);
    await pages.set('a', 2);
    assert.deepEqual(store.keys().sort(), ['pages:a', 'users:a']);
    assert.ok(store.ttl('users:a') <= HOUR_MS);
    assert.deepEqual(await users.get(['a', 'none']), [1, undefined]);
    const found = [];
    for await (const entry of pages.iterator()) found.push(entry);
    assert.deepEqual(found, [['a', 2]]);
    await users.clear();
    assert.deepEqual(store.keys(), ['pages:a']);
    assert.equal(await pages.delete('a'), true);
    store.close();
  });

  test(`Keyv ${version} tells of a store that fails once, and of no miss`, async () => {
    const store = temporaryStore();
    const keyv = new Class({ store: new KeyvAdapter({ store }) });
    const told = [];
    keyv.on('error', ({ code }) => told.push(code));
    store.close();
    assert.equal(await keyv.get('a'), undefined);
    assert.deepEqual(told, ['ERR_STORE_CLOSED']);
  });
}

test('values of createKeyv are as they were', async () => {
  const store = temporaryStore();
  const keyv = createKeyv({ store, namespace: 'values', ttl: HOUR_MS });
  const value = { at: new Date(5), map: new Map([[1, 2n]]), bytes: new Uint8Array(3) };
  await keyv.set('a', value);
  assert.deepEqual(await keyv.get('a'), value);
  assert.ok((await keyv.get('a', { raw: true })).expires > Date.now());
  assert.ok(store.ttl('values:a') <= HOUR_MS);
  store.close();
});

test('createKeyv without a namespace has that of Keyv 5, and clears nothing else', async () => {
  const store = temporaryStore();
  store.set('other', 1);
  const keyv = createKeyv({ store });
  await keyv.set('a:b', 2);
  assert.deepEqual(store.keys().sort(), ['keyv:a:b', 'other']);
  const found = [];
  for await (const entry of keyv.iterator()) found.push(entry);
  assert.deepEqual(found, [['a:b', 2]]);
  await keyv.clear();
  assert.deepEqual(store.keys(), ['other']);
  store.close();
});
