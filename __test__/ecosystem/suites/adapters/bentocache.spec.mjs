/**
 * The suite that bentocache has for its drivers, for both levels.
 */
import { test } from '@japa/runner';
import { registerCacheDriverTestSuite } from 'bentocache/test_suite';
import { memoryDriver, sharedMemoryDriver } from 'shared-memory-store/bentocache';
import { temporaryStore } from 'shared-memory-store/testing';

const store = temporaryStore({ scope: 'processes' });

for (const driver of [memoryDriver, sharedMemoryDriver]) {
  test.group(driver.name, (group) => {
    registerCacheDriverTestSuite({
      test,
      group,
      supportsMilliseconds: true,
      createDriver: (options) => {
        const given = driver === memoryDriver ? {} : { store };
        return driver(given).factory({ prefix: 'japa', ...options });
      },
    });
  });
}
