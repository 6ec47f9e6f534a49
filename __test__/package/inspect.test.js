/**
 * What is wrong with a core is found in its file, whatever platform it is for.
 */
const assert = require('node:assert/strict');
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { homedir, tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, test } = require('node:test');
const { problemsOf } = require('../../packaging/inspect');

const X64 = 62;
const ARM64 = 183;

let folder;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-inspect-'));
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** The problems of a library for a processor that has a text in it. */
function problems(suffix, processor, text) {
  const head = Buffer.alloc(64);
  head.writeUInt16LE(processor, 18);
  const file = path.join(folder, 'core.node');
  writeFileSync(file, Buffer.concat([head, Buffer.from(`\0${text}\0`)]));
  return problemsOf(file, suffix);
}

test('a_core_for_the_oldest_glibc_has_no_problem', () => {
  assert.deepEqual(problems('linux-x64-gnu', X64, 'GLIBC_2.2.5\0GLIBC_2.17\0GLIBC_2.3'), []);
  assert.deepEqual(problems('linux-arm64-gnu', ARM64, 'GLIBC_2.17'), []);
});

test('a_core_that_needs_a_newer_glibc_is_found', () => {
  const found = problems('linux-x64-gnu', X64, 'GLIBC_2.2.5\0GLIBC_2.34\0GLIBC_2.9');
  assert.deepEqual(found, ['it needs glibc 2.34']);
  assert.deepEqual(problems('linux-x64-gnu', X64, 'GLIBC_3.0'), ['it needs glibc 3.0']);
});

test('a_core_for_musl_needs_no_glibc', () => {
  assert.deepEqual(problems('linux-x64-musl', X64, 'libc.so'), []);
  assert.deepEqual(problems('linux-x64-musl', X64, 'GLIBC_2.17'), ['it needs glibc']);
  assert.deepEqual(problems('linux-x64-gnu', X64, 'libc.so'), ['it needs no glibc']);
});

test('a_core_for_another_processor_is_found', () => {
  assert.deepEqual(problems('linux-arm64-musl', X64, ''), ['it is not for arm64']);
});

test('a_path_of_the_machine_that_built_it_is_found', () => {
  const [found] = problems('linux-x64-musl', X64, path.join(homedir(), '.cargo', 'registry'));
  assert.match(found, /paths of this machine/);
  const [own] = problems('linux-x64-musl', X64, path.join(__dirname, 'inspect.test.js'));
  assert.match(own, /paths of this machine/);
});
