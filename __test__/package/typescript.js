/**
 * Compiles programs against the installed package, under the settings that people have, and runs
 * what comes out.
 *
 * The libraries are those of ES2020 and no types of Node: the typings must bring what they need.
 */
const { mkdirSync, rmSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { run } = require('./run');

const USE = `
const store = new MemoryStore<{ count: number }>({ cleanupInterval: 1000 });
const key = store.createKey('a');
store.set(key, { count: 1 }, { ttl: 60_000 });
key.value = 'b';
const count: number | undefined = store.get('b')?.count;
const entries: [string, { count: number }][] = [...store];
if (count !== 1 || entries.length !== 1) throw new Error('Expected the entry');
store[Symbol.dispose]();
try {
  store.size();
} catch (error) {
  if (!(error instanceof StoreError) || error.code !== 'ERR_STORE_CLOSED') throw error;
}
`;

const DEFAULT_IMPORT = `
import MemoryStore, { MemoryStore as Named, StoreError } from 'shared-memory-store';
import type { Key, MutableKey, Options, SetOptions } from 'shared-memory-store';
const options: Options = {};
const setOptions: SetOptions = { ttl: 1 };
new Named<number>(options).set('key', 1, setOptions);
export type { Key, MutableKey };
${USE}`;

const NAMED_IMPORT = `
import { MemoryStore, StoreError } from 'shared-memory-store';
${USE}
export {};`;

const REQUIRE_IMPORT = `
import MemoryStore = require('shared-memory-store');
import StoreError = MemoryStore.StoreError;
const options: MemoryStore.Options = {};
const any: MemoryStore = new MemoryStore(options);
any.set(1, 1);
${USE}
export {};`;

const SUBPATHS = `
import { MemoryStore, type Options, type Store } from 'shared-memory-store/memory-store';
import { SharedStore } from 'shared-memory-store';
import { Session, type CookieOptions, type SessionOptions } from 'shared-memory-store/session';
interface User { userId: number }
const storeOptions: Options<User> = { ttl: 60_000 };
const store: Store<User> = new MemoryStore<User>(storeOptions);
const shared: Store<User> = new SharedStore<User>({ name: 'subpaths' });
const options: SessionOptions<User> = { store, cookieName: 'sid' };
const cookie: CookieOptions = { secure: true, sameSite: 'Strict' };
const session = new Session(options);
const lines: string[] = [];
const response = { headers: { append: (_name: string, line: string) => lines.push(line) } };
async function main(): Promise<void> {
  const id = await session.create({ userId: 1 });
  session.setCookie(response, id, cookie);
  const user: User | undefined = await session.fromRequest({ cookies: { sid: id } });
  if (user?.userId !== 1 || lines.length !== 1) throw new Error('Expected the session');
  const over = new Session({ store: shared });
  const other = await over.get(await over.create({ userId: 2 }));
  if (other?.userId !== 2) throw new Error('Expected the session of a shared store');
}
main();
export {};`;

const SOURCES = {
  'default-import': DEFAULT_IMPORT,
  'named-import': NAMED_IMPORT,
  'require-import': REQUIRE_IMPORT,
  subpaths: SUBPATHS,
};
const ES_MODULE = ['default-import', 'named-import', 'subpaths'].map((name) => `${name}.mts`);
const COMMONJS = Object.keys(SOURCES).map((name) => `${name}.cts`);
const PLAIN = Object.keys(SOURCES).map((name) => `${name}.ts`);

/** @type {{ name: string, compilers: string[], files: string[], options: object }[]} */
const COMPILATIONS = [
  ...['nodenext', 'node16'].map((module) => ({
    name: `ES modules and CommonJS under ${module}`,
    compilers: ['current', 'older'],
    files: [...ES_MODULE, ...COMMONJS],
    options: { module },
  })),
  {
    name: 'CommonJS under nodenext without esModuleInterop',
    compilers: ['older'],
    files: COMMONJS,
    options: { module: 'nodenext', esModuleInterop: false },
  },
  {
    name: 'ES modules for a bundler',
    compilers: ['current', 'older'],
    files: ES_MODULE,
    options: { module: 'esnext', moduleResolution: 'bundler' },
  },
  ...[true, false].map((esModuleInterop) => ({
    name: `CommonJS under node10, esModuleInterop ${esModuleInterop}`,
    compilers: ['older'],
    files: PLAIN,
    options: { module: 'commonjs', moduleResolution: 'node10', esModuleInterop },
  })),
];

/** Compiles in a project that has the package installed; runs each output. */
function compile(compiler, { files, options }, project) {
  const sources = path.join(project, 'sources');
  rmSync(sources, { recursive: true, force: true });
  mkdirSync(sources);
  for (const file of files) {
    writeFileSync(path.join(sources, file), SOURCES[file.replace(/\.\w+$/, '')]);
  }
  const tsconfig = {
    compilerOptions: {
      target: 'es2020',
      lib: ['es2020'],
      types: [],
      strict: true,
      skipLibCheck: false,
      outDir: 'output',
      rootDir: '.',
      ...options,
    },
    files,
  };
  writeFileSync(path.join(sources, 'tsconfig.json'), JSON.stringify(tsconfig));
  run(compiler, ['-p', 'tsconfig.json'], sources);
  for (const file of files) {
    run(process.execPath, [path.join('output', file.replace(/ts$/, 'js'))], sources);
  }
}

module.exports = { COMPILATIONS, compile };
