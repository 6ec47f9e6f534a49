/**
 * The warning for `{ maxAgeMs }` alone, which has no effect.
 *
 * Must run each case in a process of its own: a process warns once. Invariant tested: exactly one
 * warning with name and code, and only for this misuse.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const MemoryStore = require('../../index.js');
const { runScript } = require('../helpers/child-script.js');
const { passDeadline } = require('../helpers/expiry.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** The warnings that `script` makes, as `name code` each. */
async function warningsOf(script) {
  const { code, stdout, stderr } = await runScript(`
    const warnings = [];
    process.on('warning', (warning) => warnings.push(warning.name + ' ' + warning.code));
    ${script}
    process.on('exit', () => require('node:fs').writeSync(1, JSON.stringify(warnings)));
  `);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

test('maxAgeMs alone has no effect', () => {
  const store = new MemoryStore();
  store.set('key', 'value', { maxAgeMs: 1 });
  passDeadline(1);
  assert.equal(store.get('key'), 'value');
  assert.equal(store.ttl('key'), Infinity);
});

test('maxAgeMs alone warns once in a process', SLOW, async () => {
  const warnings = await warningsOf(`
    for (let index = 0; index < 10; index += 1) {
      const store = new MemoryStore();
      store.set('one', 1, { maxAgeMs: 500 });
      store.set('two', 2, { maxAgeMs: 500, isPermanent: undefined });
    }
  `);
  assert.deepEqual(warnings, ['Warning SMS_MAX_AGE_ALONE']);
});

describe('these options do not warn:', () => {
  const quiet = {
    'none at all': 'undefined',
    'a number': '500',
    ttl: '{ ttl: 500 }',
    'ttl with maxAgeMs': '{ ttl: 500, maxAgeMs: 500 }',
    'isPermanent false with maxAgeMs': '{ isPermanent: false, maxAgeMs: 500 }',
    'isPermanent true with maxAgeMs': '{ isPermanent: true, maxAgeMs: 500 }',
    'maxAgeMs undefined': '{ maxAgeMs: undefined }',
  };
  for (const [what, options] of Object.entries(quiet)) {
    test(what, SLOW, async () => {
      const warnings = await warningsOf(`new MemoryStore().set('key', 1, ${options});`);
      assert.deepEqual(warnings, []);
    });
  }
});
