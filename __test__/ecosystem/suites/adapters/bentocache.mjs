/**
 * Runs the suite that bentocache has for its drivers: `bentocache.spec.mjs`.
 */
import { assert } from '@japa/assert';
import { configure, run } from '@japa/runner';

configure({ files: ['bentocache.spec.mjs'], plugins: [assert()] });
await run();
