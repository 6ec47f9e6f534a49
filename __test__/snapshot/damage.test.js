/**
 * Files that are no whole snapshot: refused by code, and nothing changes.
 *
 * Must not know which check finds what. Invariant tested: whatever bytes a file has, `restore`
 * answers or rejects; where it rejects, the store holds what it held.
 */
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { mkdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { describe, test } = require('node:test');
const v8 = require('node:v8');
const zlib = require('node:zlib');
const MemoryStore = require('../../index.js');
const { checksum, portableChecksum } = require('../../lib/snapshot/checksum.js');
const { cloneableSamples } = require('../helpers/cloneable-samples.js');
const { IS_BUN } = require('../helpers/run-program.js');
const { printedSeed, randomFrom } = require('../helpers/seeded-random.js');
const { PAYLOAD_BYTES, STORES } = require('../helpers/snapshot-files.js');
const { forge, forgeRecord, withFile, withFolder } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');

const CORRUPTED = { name: 'StoreError', code: 'ERR_CORRUPTED' };
const FUZZED_FILES = 2000;
const OWN_CLONE = IS_BUN ? 12 : 11;
const text = (string) => Buffer.from(string);

/** Asserts that stores of both kinds refuse a file, and hold then what they held. */
async function assertRefused(file, expected = CORRUPTED) {
  for (const open of Object.values(STORES)) {
    const store = open();
    store.set('key', 'kept');
    await assert.rejects(store.restore(file), expected);
    assert.deepEqual([...store], [['key', 'kept']]);
    store.close();
  }
}

/** The bytes of a small file with a deadline and values of several kinds. */
async function smallFile(file) {
  const store = new MemoryStore();
  store.set('key', { a: [1, 'two'] });
  store.set(5, new Map([[1, 2]]), 3_600_000);
  store.set('\u4e2d', '\ud800');
  await store.snapshot(file);
  return readFileSync(file);
}

test('a_file_that_was_cut_off_anywhere_is_refused', SLOW, () =>
  withFile(async (file) => {
    const bytes = await smallFile(file);
    const store = new MemoryStore();
    for (let length = 0; length < bytes.length; length += 1) {
      writeFileSync(file, bytes.subarray(0, length));
      await assert.rejects(store.restore(file), CORRUPTED, `${length} bytes`);
    }
    assert.equal(store.size(), 0);
    writeFileSync(file, bytes);
    assert.equal((await store.restore(file)).entries, 3);
  }),
);

test('a_file_of_which_any_bit_was_flipped_is_refused', SLOW, () =>
  withFile(async (file) => {
    const bytes = await smallFile(file);
    const store = new MemoryStore();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      bytes[bit >> 3] ^= 1 << (bit & 7);
      writeFileSync(file, bytes);
      await assert.rejects(store.restore(file), CORRUPTED, `bit ${bit}`);
      bytes[bit >> 3] ^= 1 << (bit & 7);
    }
    assert.equal(store.size(), 0);
  }),
);

test('a_large_file_that_is_damaged_at_its_end_changes_nothing', SLOW, () =>
  withFile(async (file) => {
    const store = new MemoryStore();
    for (let number = 0; number < 20_000; number += 1) store.set(`key-${number}`, 'x'.repeat(60));
    const { bytes } = await store.snapshot(file);
    const whole = readFileSync(file);
    const others = {
      'the last block': (it) => it.writeUInt8(it[bytes - 40] ^ 1, bytes - 40),
      'two blocks in the place of each other': (it) => {
        it.set(whole.subarray(16, 16 + 2 ** 18), 16 + 2 ** 18);
        it.set(whole.subarray(16 + 2 ** 18, 16 + 2 ** 19), 16);
      },
    };
    for (const damage of Object.values(others)) {
      const damaged = Buffer.from(whole);
      damage(damaged);
      writeFileSync(file, damaged);
      await assertRefused(file);
    }
    writeFileSync(file, Buffer.concat([whole, Buffer.alloc(1)]));
    await assertRefused(file);
    writeFileSync(file, Buffer.concat([whole, whole]));
    await assertRefused(file);
  }),
);

const deep = (depth) => text(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const longArray = () => {
  const bytes = v8.serialize([1, 2, 3]);
  for (let at = 2; at < bytes.length; at += 1) bytes[at] = 0xff;
  return bytes;
};

/** Files whose checksums are right. */
const FORGED = {
  'of another version': () => forge([forgeRecord()], { version: 2 }),
  'with fewer entries than it says': () => forge([forgeRecord()], { entries: 2 }),
  'with more entries than it says': () => forge([forgeRecord(), forgeRecord()], { entries: 1 }),
  'with 2^60 entries': () => forge([forgeRecord()], { entries: 2 ** 60 }),
  'with entries that are not whole': () => forge([forgeRecord()], { entries: 0.5 }),
  'with fewer than no entries': () => forge([], { entries: -1 }),
  'with bytes behind the last entry': () => forge([forgeRecord(), Buffer.alloc(5)], { entries: 1 }),
  'with half an entry': () => forge([forgeRecord().subarray(0, 30)]),
  'with half a head': () => forge([forgeRecord().subarray(0, 10)]),
  'with a key past its end': () => forge([forgeRecord({ keyBytes: 1000 })]),
  'with a key of 4 GiB': () => forge([forgeRecord({ keyBytes: 2 ** 32 - 1 })]),
  'with a value past its end': () => forge([forgeRecord({ valueBytes: 1000 })]),
  'with a value of 2 GiB': () => forge([forgeRecord({ valueBytes: 2 ** 31 - 1 })]),
  'with a value of 4 GiB': () => forge([forgeRecord({ valueBytes: 2 ** 32 - 1 })]),
  'with a value past its end, in the second block': () =>
    forge([forgeRecord({ kind: 8, value: Buffer.alloc(PAYLOAD_BYTES), valueBytes: 2 ** 30 })]),
  'with a form that is none': () => forge([forgeRecord({ form: 6 })]),
  'with a width that is none': () => forge([forgeRecord({ width: 3 })]),
  'with half a character in a key': () => forge([forgeRecord({ width: 2, keyBytes: 5 })]),
  'with a byte that means nothing': () => forge([forgeRecord({ zero: 2 })]),
  'with the beginning of a part that is not there': () => forge([forgeRecord({ zero: 1 })]),
  'with an entry that turns stale and never expires': () =>
    forge([forgeRecord({ zero: 1, staleMs: 1000 })]),
  ...Object.fromEntries(
    [0, -0, -1, 0.5, Number.NaN, Infinity].map((staleMs) => [
      `with an entry that turns stale ${staleMs} ms before its end`,
      () => forge([forgeRecord({ zero: 1, staleMs, deadline: Date.now() + 3_600_000 })]),
    ]),
  ),
  'with a kind that is none': () => forge([forgeRecord({ kind: 13 })]),
  'with a kind of 0': () => forge([forgeRecord({ kind: 0 })]),
  'with a deadline that is no number': () => forge([forgeRecord({ deadline: Number.NaN })]),
  'with a deadline before time': () => forge([forgeRecord({ deadline: -1 })]),
  'with a deadline at no end': () => forge([forgeRecord({ deadline: Infinity })]),
  'with a number of 9 bytes': () => forge([forgeRecord({ value: Buffer.alloc(9) })]),
  'with half a character': () => forge([forgeRecord({ kind: 3, value: Buffer.alloc(3) })]),
  'with a true that has bytes': () => forge([forgeRecord({ kind: 4 })]),
  'with JSON that is none': () => forge([forgeRecord({ kind: 10, value: text('{"a":') })]),
  'with no JSON at all': () => forge([forgeRecord({ kind: 10, value: text('') })]),
  'with a clone that is none': () => forge([forgeRecord({ kind: OWN_CLONE, value: text('x') })]),
  'with a clone of no bytes': () => forge([forgeRecord({ kind: OWN_CLONE, value: text('') })]),
  'with a clone of lengths past its end': () =>
    forge([forgeRecord({ kind: OWN_CLONE, value: longArray() })]),
  'with a number as a key that is none': () => forge([forgeRecord({ form: 1, key: '01' })]),
  'with a bigint as a key that is none': () => forge([forgeRecord({ form: 2, key: '1.5' })]),
  'with a bigint as a key of a million digits': () =>
    forge([forgeRecord({ form: 2, key: '9'.repeat(1_000_000) })]),
  'with a literal as a key that is none': () => forge([forgeRecord({ form: 3, key: 'nil' })]),
  'with an object as a key that is none': () => forge([forgeRecord({ form: 4, key: '5' })]),
  'with an object as a key, spelt otherwise': () =>
    forge([forgeRecord({ form: 4, key: '{ "a": 1 }' })]),
  'with a key by identity that is none': () => forge([forgeRecord({ form: 5, key: 'key' })]),
  'that begins well': () =>
    forge([...Array.from({ length: 5000 }, () => forgeRecord()), forgeRecord({ kind: 99 })]),
};

describe('a file is refused', () => {
  for (const [what, make] of Object.entries(FORGED)) {
    test(what, SLOW, () =>
      withFile(async (file) => {
        writeFileSync(file, make());
        await assertRefused(file);
      }),
    );
  }
});

test('json_of_any_depth_is_read_or_refused', SLOW, () =>
  withFile(async (file) => {
    for (const depth of [100, 5000, 100_000, 10_000_000]) {
      writeFileSync(file, forge([forgeRecord({ kind: 10, value: deep(depth) })]));
      const store = new MemoryStore();
      await store.restore(file).catch((error) => assert.equal(error.code, 'ERR_CORRUPTED'));
    }
  }),
);

test('whatever_a_value_says_a_file_is_read_or_refused', SLOW, () =>
  withFile(async (file) => {
    const draw = randomFrom(printedSeed('snapshot-damage'));
    const source = new MemoryStore();
    const small = cloneableSamples().filter(([, value]) => v8.serialize(value).length < 2000);
    for (const [name, value] of small) source.set(name, value);
    const samples = small.map(([, value]) => [OWN_CLONE, v8.serialize(value)]);
    samples.push([10, text('{"a":[1,{"b":"\\u4e2d"}],"c":null}')], [3, text('abcd')]);
    for (let round = 0; round < FUZZED_FILES; round += 1) {
      const [kind, bytes] = samples[draw(samples.length)];
      const value = Buffer.from(bytes).subarray(0, bytes.length - draw(2) * draw(bytes.length));
      for (let change = draw(4); change >= 0; change -= 1) value[draw(value.length)] = draw(256);
      writeFileSync(file, forge([forgeRecord({ kind, value }), forgeRecord({ key: 'last' })]));
      const store = new MemoryStore();
      try {
        await store.restore(file);
        assert.equal(store.get('last'), 0);
      } catch (error) {
        assert.equal(error.code, 'ERR_CORRUPTED', error.stack);
        assert.equal(store.size(), 0);
      }
    }
  }),
);

test('a_file_of_other_bytes_is_refused', () =>
  withFile(async (file) => {
    const draw = randomFrom(printedSeed('snapshot-damage'));
    for (const length of [0, 1, 15, 16, 47, 48, 49, 1000, 300_000]) {
      writeFileSync(file, Buffer.from(Array.from({ length }, () => draw(256))));
      await assertRefused(file);
      writeFileSync(file, Buffer.alloc(length));
      await assertRefused(file);
    }
  }));

test('the_checksum_of_older_engines_is_that_of_zlib', (context) => {
  if (zlib.crc32 === undefined) return context.skip?.('zlib has none here');
  const draw = randomFrom(printedSeed('snapshot-damage'));
  for (let length = 0; length < 600; length += 1) {
    const bytes = Buffer.from(Array.from({ length }, () => draw(256)));
    const middle = draw(length + 1);
    const before = portableChecksum(bytes.subarray(0, middle));
    assert.equal(portableChecksum(bytes.subarray(middle), before), zlib.crc32(bytes));
    assert.equal(checksum(bytes), zlib.crc32(bytes));
  }
});

test('a_file_of_a_tebibyte_of_nothing_is_refused_at_once', () =>
  withFile(async (file) => {
    writeFileSync(file, forge([]));
    truncateSync(file, 2 ** 40);
    await assertRefused(file);
  }));

test('what_is_no_file_is_refused_and_not_waited_for', () =>
  withFolder(async (folder) => {
    const [inner, link] = [path.join(folder, 'inner'), path.join(folder, 'link')];
    mkdirSync(inner);
    symlinkSync('nowhere', link);
    await assertRefused(inner, (error) => ['ERR_CORRUPTED', 'EISDIR'].includes(error.code));
    await assertRefused(link, { code: 'ENOENT' });
    await assertRefused(path.join(folder, 'absent'), { code: 'ENOENT' });
    await assertRefused(path.join(inner, 'absent', 'file'), { code: 'ENOENT' });
    if (process.platform === 'win32') return;
    const pipe = path.join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    await assertRefused(pipe);
    await assertRefused('/dev/zero');
    await assertRefused('/dev/null');
  }));
