/**
 * The suite that Keyv has for its adapters, over a store of one thread and one of processes.
 */
import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import Keyv from 'keyv';
import MemoryStore from 'shared-memory-store';
import KeyvAdapter from 'shared-memory-store/keyv';
import { temporaryStore } from 'shared-memory-store/testing';
import * as test from 'vitest';

const shared = temporaryStore({ scope: 'processes' });
test.afterAll(() => shared.close());

for (const store of [new MemoryStore(), shared]) {
  // Keyv writes its namespace into its adapter, so each has one of its own.
  const open = () => new KeyvAdapter({ store });
  keyvTestSuite(test, Keyv, open);
  keyvIteratorTests(test, Keyv, open);
}
