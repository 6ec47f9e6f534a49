/**
 * The typings of errors: one class of the package's own, with a stable code.
 */
import MemoryStore = require('shared-memory-store');

import { accept, assert, type Equal } from './exact.js';

const error = new MemoryStore.StoreError('ERR_STORE_CLOSED', 'closed');
assert<Equal<typeof error.code, string>>();
accept<Error>(error);

try {
  new MemoryStore().close();
} catch (caught) {
  if (caught instanceof MemoryStore.StoreError) assert<Equal<typeof caught.code, string>>();
}

// @ts-expect-error a code is not changed
error.code = 'ERR_OTHER';
// @ts-expect-error no code
new MemoryStore.StoreError();
