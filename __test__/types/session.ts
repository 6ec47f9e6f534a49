/**
 * The typings of sessions and of the async store, and that what people wrote for Harpia compiles.
 */
import LocalStore = require('shared-memory-store');

import {
  MemoryStore,
  type Options,
  type SetOptions,
  type Store,
} from 'shared-memory-store/memory-store';
import {
  type CookieOptions,
  Session,
  type SessionOptions,
  type SessionRequest,
  type SessionResponse,
  type SessionStore,
  type Store as StoreOfSession,
} from 'shared-memory-store/session';
import { accept, assert, type Equal } from './exact.js';

interface User {
  userId: number;
  role?: string;
}

// The async store.
const untyped = new MemoryStore();
const typed = new MemoryStore<User>({ ttl: 1000, maxEntries: 10, cleanupInterval: 1000 });
const results = {
  get: typed.get('key'),
  has: typed.has('key'),
  set: typed.set('key', { userId: 1 }),
  delete: typed.delete('key'),
  touch: typed.touch('key', 1000),
  update: typed.update('key', (user) => user && { ...user, role: 'admin' }),
  getEntry: typed.getEntry('key'),
  increment: new MemoryStore<number>().increment('key'),
  hit: untyped.hit('key', 1, { ttl: 1000, ifPresent: true }),
  getMany: typed.getMany(['key']),
  setMany: typed.setMany([['key', { userId: 1 }]]),
  getOrSet: typed.getOrSet('key', async () => ({ userId: 1 })),
  size: typed.size(),
  clear: typed.clear(),
  close: typed.close(),
};
assert<
  Equal<
    typeof results,
    {
      get: Promise<User | undefined>;
      has: Promise<boolean>;
      set: Promise<true>;
      delete: Promise<boolean>;
      touch: Promise<boolean>;
      update: Promise<User | undefined>;
      getEntry: Promise<LocalStore.Entry<User> | undefined>;
      increment: Promise<number>;
      hit: Promise<LocalStore.Hit | undefined>;
      getMany: Promise<(User | undefined)[]>;
      setMany: Promise<true>;
      getOrSet: Promise<User>;
      size: Promise<number>;
      clear: Promise<true>;
      close: Promise<void>;
    }
  >
>();
typed.set('key', { userId: 1 }, 1000);
typed.set('key', { userId: 1 }, { ttl: 1000 });
typed.set('key', { userId: 1 }, { ttl: undefined });
typed.update('key', async (user) => user);
typed.update('key', () => undefined);
untyped.set('key', 'anything');
new MemoryStore<string>({ maxSize: 10, sizeOf: (value, key) => value.length + key.length });
const setOptions: SetOptions = { ttl: 1 };
const storeOptions: Options<User> = { ttl: 1 };
new MemoryStore<User>(storeOptions).set('key', { userId: 1 }, setOptions);
// @ts-expect-error a value of another type
typed.set('key', { userId: '1' });
typed.get(1);
// @ts-expect-error a symbol is no key
typed.get(Symbol('key'));
// @ts-expect-error no value
typed.set('key');
// @ts-expect-error not an option
typed.set('key', { userId: 1 }, { maxAge: 1000 });
// @ts-expect-error not an option
new MemoryStore({ timeToLive: 1000 });
// @ts-expect-error a result of another type
typed.update('key', () => 1);
// @ts-expect-error it may be absent
typed.get('key').then((user) => user.userId);
// @ts-expect-error it cannot be walked at once
for (const _ of typed) print(_);
declare function print(...words: unknown[]): void;
export async function walks(): Promise<void> {
  for await (const entry of typed) assert<Equal<typeof entry, [string, User]>>();
  for await (const value of typed.values()) assert<Equal<typeof value, User>>();
  const end = typed.forEach(async (value, key) => print(value.userId, key.length));
  assert<Equal<typeof end, Promise<void>>>();
  const written = typed.snapshot('file');
  assert<Equal<typeof written, Promise<LocalStore.SnapshotResult>>>();
}
// @ts-expect-error the values are no numbers
typed.hit('key');
// @ts-expect-error not the in-process class
accept<LocalStore<User>>(typed);
accept<LocalStore.AsyncStore<User>>(typed);
// @ts-expect-error it answers by promises
accept<LocalStore.Store<User>>(typed);
{
  using store = new MemoryStore<number>();
  store.set('key', 1);
}
export async function disposes(): Promise<void> {
  await using store = new MemoryStore<number>();
  await store.set('key', 1);
}

// Stores as people write them for Harpia.
// biome-ignore lint/suspicious/noExplicitAny: Harpia's documentation has it
type Anything = any;
class RedisStore implements Store {
  async get(_key: string): Promise<Record<string, Anything> | undefined> {
    return undefined;
  }
  async set(_key: string, _data: Anything): Promise<void> {}
  async delete(_key: string): Promise<void> {}
}
class UserStore implements Store<User> {
  async get(_id: string): Promise<User | undefined> {
    return { userId: 1 };
  }
  async set(_id: string, _data: User, _options?: { ttl?: number | undefined }) {}
  async delete(_id: string) {}
  async touch(_id: string, _ttl: number) {
    return true;
  }
  async update(_id: string, change: (user: User) => User | undefined) {
    return change({ userId: 1 }) !== undefined;
  }
}
const literal: Store = {
  async get(_id) {
    return undefined;
  },
  async set(_id, _data) {},
  async delete(_id) {},
};
assert<Equal<StoreOfSession<User>, Store<User>>>();
assert<Equal<SessionStore<User>, Store<User>>>();
// What was written for the `update` of before still compiles.
const changesWhatIsThere: Store<User> = {
  get: async () => undefined,
  set: async () => {},
  delete: async () => {},
  update: async (_id, change) => change({ userId: 1 }) !== undefined,
};
accept<Store<User>>(changesWhatIsThere);
accept<Store<User>>(typed);
accept<Store>(untyped);
new Session({ store: new RedisStore() });
new Session({ store: literal, cookieName: 'my_session_id' });
new Session<User>({ store: literal });

// Every store of this package, with promises or without.
accept<Store<User>>(new LocalStore<User>());
accept<Store<User>>(new LocalStore.SharedStore<User>({ scope: 'processes' }));
declare const some: LocalStore.Store<User> | LocalStore.AsyncStore<User>;
accept<Store<User>>(some);
const overShared = new Session({ store: new LocalStore.SharedStore<User>() });
assert<Equal<typeof overShared, Session<User>>>();
new Session<User>({ store: some, ttl: 1000 });
new Session<User>({ store: new Map() });
// @ts-expect-error a store of other data
new Session<User>({ store: new LocalStore<string>() });
export async function readsEither(): Promise<User | undefined> {
  await some.set('key', { userId: 1 }, { expiresAt: new Date() });
  const entry = await some.getEntry('key');
  assert<Equal<typeof entry, LocalStore.Entry<User> | undefined>>();
  return some.get('key');
}

// @ts-expect-error no delete
new Session({ store: { get: literal.get, set: literal.set } });

// The session.
const session = new Session<User>({ store: new UserStore(), ttl: 1000, rolling: true });
assert<Equal<typeof inferred, Session<User>>>();
const inferred = new Session({ store: typed });
const calls = {
  create: session.create({ userId: 1 }),
  get: session.get('id'),
  update: session.update('id', { role: 'admin' }),
  delete: session.delete('id'),
  fromRequest: session.fromRequest({ headers: {} }),
  fromWebSocket: session.fromWebSocket({ data: undefined }),
  idFromRequest: session.idFromRequest({ cookies: {} }),
};
assert<
  Equal<
    typeof calls,
    {
      create: Promise<string>;
      get: Promise<User | undefined>;
      update: Promise<boolean>;
      delete: Promise<void>;
      fromRequest: Promise<User | undefined>;
      fromWebSocket: Promise<User | undefined>;
      idFromRequest: string | undefined;
    }
  >
>();
declare const jar: { get(name: string): string | undefined; getAll(): Record<string, string> };
session.update(jar.get('session_id'), { role: 'admin' });
session.delete(jar.get('session_id'));
session.get(null);
// @ts-expect-error data of another type
session.create({ user: 1 });
// @ts-expect-error data of another type
session.update('id', { userId: '1' });
// @ts-expect-error an id that is no string
session.get(1);
// @ts-expect-error not an object
new Session<string>();
// @ts-expect-error not an option
new Session({ cookiename: 'sid' });
// @ts-expect-error without `new`
Session();
const sessionOptions: SessionOptions<User> = { ttl: 1, cookie: { secure: true } };
new Session(sessionOptions);

// Without types, the data are what Harpia says they are.
const harpia = new Session();
export async function reads(): Promise<string> {
  const user = await harpia.get('id');
  assert<Equal<typeof user, Record<string, Anything> | undefined>>();
  return user?.name.toUpperCase();
}

// Requests and responses.
declare const webHeaders: {
  get(name: string): string | null;
  append(name: string, value: string): void;
  getSetCookie(): string[];
};
declare const incoming: { headers: { cookie?: string | undefined; host?: string } };
declare const outgoing: {
  appendHeader(name: string, value: string | readonly string[]): object;
  getHeader(name: string): number | string | string[] | undefined;
  setHeader(name: string, value: number | string | readonly string[]): object;
};
const requests: SessionRequest[] = [
  { headers: webHeaders },
  { headers: webHeaders, cookies: jar },
  incoming,
  { cookies: jar },
  { cookies: { session_id: 'id' } },
];
const responses: SessionResponse[] = [{ headers: webHeaders }, outgoing, webHeaders];
for (const request of requests) session.fromRequest(request);
for (const response of responses) session.setCookie(response, 'id', { sameSite: 'Strict' });
session.delete('id', { headers: webHeaders }, { path: '/app' });
session.fromWebSocket({ data: { cookies: { session_id: 'id' } } });
// @ts-expect-error no request
session.fromRequest({});
// @ts-expect-error no response
session.setCookie({ headers: {} }, 'id');
// @ts-expect-error no id
session.setCookie(outgoing);

// Cookies.
const cookie: CookieOptions = {
  path: '/',
  domain: 'example.com',
  maxAge: 3600,
  expires: new Date(0),
  httpOnly: true,
  secure: true,
  sameSite: 'None',
  priority: 'High',
  partitioned: true,
};
session.setCookie(outgoing, 'id', cookie);
session.setCookie(outgoing, 'id', { sameSite: 'lax', domain: undefined });
// @ts-expect-error not a date
session.setCookie(outgoing, 'id', { expires: 3600 });
// @ts-expect-error not one of them
session.setCookie(outgoing, 'id', { sameSite: 'Loose' });
// @ts-expect-error not an option
session.setCookie(outgoing, 'id', { samesite: 'Lax' });
// @ts-expect-error options are read-only
cookie.path = '/other';
