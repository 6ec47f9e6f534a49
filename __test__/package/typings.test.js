/**
 * The typings name what there is: methods of the classes, counters, error codes; nothing else.
 *
 * Must not know what a method does. Reads the declarations as text: a member begins a line.
 */
const assert = require('node:assert/strict');
const { readdirSync, readFileSync } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { MemoryStore: AsyncMemoryStore } = require('shared-memory-store/memory-store');
const { Session } = require('shared-memory-store/session');
const { StoreObserver } = require('../../lib/shared/opening/observing/observer.js');
const { REPOSITORY } = require('../helpers/run-program');
const { freshName } = require('../helpers/shared-names');

const read = (file) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const INDEX = read('index.d.ts');
const VERBS = read('lib/store/interface.d.ts');
const SHARED = read('lib/shared/shared-store.d.ts');
const OBSERVER = read('lib/shared/opening/observing/store-observer.d.ts');
const DROP_INS = 'lib/adapters/drop-ins';

/** The members of a class or an interface of the typings; symbols as `[Symbol.dispose]`. */
function membersOf(text, name) {
  const head = new RegExp(`^( *)(?:export )?(?:declare )?(?:class|interface) ${name}\\b`, 'm');
  const { index, 1: indent } = head.exec(text);
  const body = text.slice(index, text.indexOf(`\n${indent}}`, index));
  const member = new RegExp(`^${indent}  (?:readonly )?(\\[Symbol\\.\\w+\\]|\\w+)\\??[(<:]`, 'gm');
  const names = [...body.matchAll(member)].map(([, found]) => found);
  return names.filter((found) => found !== 'constructor' && found !== '[Symbol.toStringTag]');
}

/** What instances of a class inherit, but for what every object has. */
function inheritedBy(Class) {
  const names = new Set();
  for (let from = Class.prototype; from !== Object.prototype; from = Object.getPrototypeOf(from)) {
    for (const key of Reflect.ownKeys(from)) {
      // Older versions of Node have a name of their own for `Symbol.dispose`.
      names.add(
        typeof key === 'symbol'
          ? `[${key.description.replace(/^nodejs\.(?!util)/, 'Symbol.')}]`
          : key,
      );
    }
  }
  // Shown by `util.inspect`; no type has to know it.
  for (const name of ['constructor', '[Symbol.toStringTag]', '[nodejs.util.inspect.custom]']) {
    names.delete(name);
  }
  return names;
}

const sorted = (names) => [...new Set(names)].sort();
/** Members of several interfaces of the verbs. */
const ofVerbs = (...names) => names.flatMap((name) => membersOf(VERBS, name));
const sync = ofVerbs('Verbs', 'Namespace', 'Whole', 'Store');
const shared = ['Locks', 'Watchers', 'SharedStore'].flatMap((name) => membersOf(SHARED, name));
const listening = membersOf(VERBS, 'Listening');
const cache = membersOf(read(`${DROP_INS}/node-share-cache.d.ts`), 'ProcessCache');

for (const [Class, typed] of [
  [MemoryStore, [...sync, ...listening, ...membersOf(INDEX, 'MemoryStore')]],
  [MemoryStore.SharedStore, [...sync, ...listening, ...shared]],
  [AsyncMemoryStore, [...listening, ...ofVerbs('Verbs', 'AsyncNamespace', 'Whole', 'AsyncStore')]],
  [
    MemoryStore.NodeShareCache,
    [...cache, ...membersOf(read(`${DROP_INS}/node-share-cache.d.ts`), 'NodeShareCache')],
  ],
  [MemoryStore.ShmCache, cache],
  [StoreObserver, membersOf(OBSERVER, 'StoreObserver')],
  [Session, membersOf(read('lib/session/session.d.ts'), 'Session')],
]) {
  const what = Class === AsyncMemoryStore ? 'the async MemoryStore' : Class.name;
  test(`typings_name_the_methods_that_there_are: ${what}`, () => {
    assert.deepEqual(sorted(typed), sorted(inheritedBy(Class)));
  });
}

test('typings_name_the_counters_that_there_are', () => {
  const common = ofVerbs('NamespaceStats', 'StoreStats');
  const local = new MemoryStore();
  assert.deepEqual(
    sorted([...common, ...membersOf(INDEX, 'Stats')]),
    Object.keys(local.stats()).sort(),
  );
  local.close();
  const shared = new MemoryStore.SharedStore({ name: freshName('typings') });
  assert.deepEqual(
    sorted([...common, ...membersOf(SHARED, 'SharedStats')]),
    Object.keys(shared.stats()).sort(),
  );
  shared.close();
});

test('typings_name_the_exports_that_there_are', () => {
  const { index } = /^declare namespace MemoryStore/m.exec(INDEX);
  const values = ['MemoryStore', 'StoreError', 'createStore', 'default'];
  const classes = ['NodeShareCache', 'SharedStore', 'ShmCache'];
  assert.deepEqual(Object.keys(MemoryStore).sort(), sorted([...values, ...classes]));
  for (const name of [...values, ...classes]) {
    assert.match(INDEX.slice(index), new RegExp(`\\b${name}\\b`), name);
  }
});

/** Codes of Node's errors, by which some are known. */
const CODES_OF_NODE = ['ERR_ACCESS_DENIED', 'ERR_DLOPEN_DISABLED', 'ERR_MODULE_NOT_FOUND'];

test('typings_and_documentation_name_the_codes_that_there_are', () => {
  const codesOf = (text) => sorted([...text.matchAll(/\bERR_[A-Z_]+\b/g)].map(([code]) => code));
  const union = VERBS.slice(VERBS.indexOf('export type ErrorCode'));
  const files = readdirSync(path.join(REPOSITORY, 'lib'), { recursive: true });
  const sources = files.filter((name) => name.endsWith('.js')).map((name) => read(`lib/${name}`));
  const thrown = sources.flatMap((text) => [...text.matchAll(/['"](ERR_[A-Z_]+)['"]/g)]);
  const ours = thrown.map(([, code]) => code).filter((code) => !CODES_OF_NODE.includes(code));
  assert.deepEqual(codesOf(union), sorted(ours));
  const page = read('docs/api.md');
  const rows = page.slice(page.indexOf('## Errors')).match(/^\| `ERR_.*$/gm);
  assert.deepEqual(sorted(rows.map((row) => row.match(/ERR_[A-Z_]+/)[0])), codesOf(union));
});

test('documentation_names_every_member_and_option', () => {
  const names = ['api', 'guides/sessions', 'guides/snapshots', 'migrating'];
  const pages = names.map((name) => `docs/${name}.md`);
  const page = pages.map(read).join('\n');
  const session = read('lib/session/session.d.ts');
  const cacheTypes = read(`${DROP_INS}/node-share-cache.d.ts`);
  const keyshare = read(`${DROP_INS}/keyshare.d.ts`);
  const named = [
    ...sync,
    ...listening,
    ...shared,
    ...['StoreObserver', 'SampleOptions', 'ObservedFilter', 'ObservedEntry', 'ObservedClaim']
      .concat('ObservedParticipant', 'ObservedSegment')
      .flatMap((name) => membersOf(OBSERVER, name)),
    ...['MemoryStore', 'Options', 'Stats', 'Events'].flatMap((name) => membersOf(INDEX, name)),
    ...['SharedStore', 'SharedOptions', 'SharedStats'].flatMap((name) => membersOf(SHARED, name)),
    ...[
      'AsyncStore',
      'Expiry',
      'SetOptions',
      'CounterOptions',
      'LoadOptions',
      'Entry',
      'NamespaceStats',
      'StoreStats',
    ]
      .concat('SnapshotOptions', 'SnapshotResult', 'SnapshotProgress', 'RestoreResult')
      .flatMap((name) => membersOf(VERBS, name)),
    ...['Session', 'SessionOptions', 'SessionStore', 'CookieOptions'].flatMap((name) =>
      membersOf(session, name),
    ),
    ...['NodeShareCache', 'ProcessCache'].flatMap((name) => membersOf(cacheTypes, name)),
    ...['KeyshareStore', 'KeyshareSetOptions'].flatMap((name) => membersOf(keyshare, name)),
    ...membersOf(read(`${DROP_INS}/shm-cache.d.ts`), 'ShmCacheOptions'),
  ];
  const code = [...page.matchAll(/^```[\s\S]*?^```|`[^`\n]+`/gm)].map(([text]) => text).join('\n');
  const words = new Set(code.match(/\[Symbol\.\w+\]|\w+/g));
  const ofLanguage = ['[Symbol.iterator]', '[Symbol.asyncIterator]'];
  const missing = sorted(named).filter((name) => !words.has(name) && !ofLanguage.includes(name));
  assert.deepEqual(missing, []);
  assert.ok(named.length > 100);
});
