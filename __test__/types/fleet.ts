/** Typings of `FleetStore`: verbs by promises, watchers, messages, locks. */
import type { Store } from 'shared-memory-store';
import { type FleetChange, FleetStore, type Lock } from 'shared-memory-store/fleet';
import { assert, type Equal } from './exact';

interface User {
  readonly name: string;
}
declare const users: FleetStore<User>;

async function verbs() {
  assert<Equal<Awaited<ReturnType<typeof users.get>>, User | undefined>>();
  const fresh: User | undefined = await users.get('a', { fresh: true });
  await users.set('a', { name: 'A' }, { ttl: 5, tags: ['x'] });
  await users.withLock('a', async (lock: Lock) => users.set('a', { name: 'B' }, { fence: lock }));
  await users.invalidateTag(['x']);
  const counts = new FleetStore<number>({ name: 'counts' });
  const lock = { token: 1 };
  await counts.increment('a', 1, { fence: lock, ttl: 5 });
  await counts.update('a', (value = 0) => value + 1, { fence: lock });
  assert<Equal<Awaited<ReturnType<typeof counts.get>>, number | undefined>>();
  const sum: number = await counts.increment('a');
  // @ts-expect-error: a lock has a token
  await users.set('a', { name: 'A' }, { fence: sum });
  // @ts-expect-error: there is no such option
  await users.get('a', { fres: true });
  // @ts-expect-error: a server keeps what it holds
  users.snapshot('file');
  return fresh;
}

async function watchers() {
  const stop: () => void = await users.watch({ tag: 'x' }, (change: FleetChange) => {
    if (change.type === 'invalidate') return change.tag;
    const key: string | undefined = change.key;
    return key;
  });
  for await (const change of users.watch('a')) assert<Equal<typeof change, FleetChange>>();
  await users.subscribe<number>('news', (value, { origin }) => value + origin.length);
  for await (const { value } of users.subscribe<number>('news'))
    assert<Equal<typeof value, number>>();
  await users.publish('news', 1);
  users.on('up', () => {});
  users.on('down', (reason: Error) => reason.message);
  stop();
}

// @ts-expect-error: it answers by promises
const store: Store<User> = users;
// @ts-expect-error: a store has a name
new FleetStore({ url: 'redis://127.0.0.1' });
new FleetStore({ name: 'a', waitReplicas: 1 });

export { store, verbs, watchers };
