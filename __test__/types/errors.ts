/**
 * The typings of errors: one class of the package's own, with a stable code.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

const error = new MemoryStore.StoreError('ERR_STORE_CLOSED', 'closed');
assert<Equal<typeof error.code, MemoryStore.ErrorCode>>();
accept<Error>(error);
accept<MemoryStore.ErrorCode>('ERR_STORE_MISMATCH');
// @ts-expect-error no such code
accept<MemoryStore.ErrorCode>('ERR_STORE_CLOSE');

try {
  new MemoryStore().close();
} catch (caught) {
  if (caught instanceof MemoryStore.StoreError) {
    accept<string>(caught.code);
    // @ts-expect-error no such code
    caught.code === 'ERR_STORE_CLOSE';
  }
}

// @ts-expect-error a code is not changed
error.code = 'ERR_OTHER';
// @ts-expect-error no such code
new MemoryStore.StoreError('ERR_MINE', 'mine');
// @ts-expect-error no code
new MemoryStore.StoreError();
