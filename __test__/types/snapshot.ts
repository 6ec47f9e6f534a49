/**
 * The typings of `snapshot` and `restore`, of both kinds of stores.
 */
import MemoryStore = require('shared-memory-store');

import { assert, type Equal } from './exact.js';

const local = new MemoryStore<Date>();
const shared = new MemoryStore.SharedStore<string>();
const { signal } = new (class {
  readonly signal: MemoryStore.Signal = { aborted: false } as MemoryStore.Signal;
})();

for (const store of [local, shared]) {
  const written = store.snapshot('file');
  assert<Equal<typeof written, Promise<MemoryStore.SnapshotResult>>>();
  const read = store.restore('file', { signal });
  assert<Equal<typeof read, Promise<MemoryStore.RestoreResult>>>();
  store.snapshot('file', {
    onProgress(progress) {
      assert<Equal<typeof progress, MemoryStore.SnapshotProgress>>();
      assert<Equal<typeof progress.total, number>>();
    },
  });
  store.snapshot('file', undefined);
  store.restore('file', { onProgress: undefined, signal: undefined });
  // @ts-expect-error no file
  store.snapshot();
  // @ts-expect-error no path
  store.restore(5);
  // @ts-expect-error no such option
  store.snapshot('file', { fsync: false });
  // @ts-expect-error no function
  store.restore('file', { onProgress: true });
}

async function results() {
  const { entries, bytes } = await local.snapshot('file');
  const { entries: restored, expired } = await shared.restore('file');
  assert<Equal<typeof entries | typeof bytes | typeof restored | typeof expired, number>>();
  // @ts-expect-error nothing expires while it is written
  (await local.snapshot('file')).expired;
}
results();
