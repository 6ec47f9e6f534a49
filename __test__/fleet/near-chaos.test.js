/**
 * Two machines under a nemesis, in short: `npm run chaos:fleet` goes on for longer.
 *
 * Must not know how a copy is kept. Invariant tested: reads of a machine never go back, are never
 * older than the bound, and at rest every near copy is what the server has.
 */
const assert = require('node:assert/strict');
const path = require('node:path');
const { test } = require('node:test');
const { runChaos } = require('../helpers/fleet-chaos.js');
const { missingNamespaces, runInside } = require('../helpers/fleet-lines.js');
const { printedSeed } = require('../helpers/seeded-random.js');
const { missing } = require('../helpers/servers.js');
const { SLOW } = require('../helpers/test-timeout.js');

const EVENTS = 10;
const EVENTS_APART = 6;
const PROGRAM = path.join(__dirname, '..', 'programs', 'chaos-fleet.js');

test('whatever happens to two machines, their reads are right', {
  ...SLOW,
  skip: missing,
}, async () => {
  const { wrong, reads } = await runChaos({
    seed: printedSeed('chaos of a fleet'),
    events: EVENTS,
  });
  assert.deepEqual(wrong, []);
  assert.ok(reads > 0);
});

test('the same of machines whose networks are cut', {
  ...SLOW,
  skip: missing || missingNamespaces(),
}, async () => {
  const { told, code } = await runInside(PROGRAM, [`${EVENTS_APART}`, 'namespaces']);
  console.log(told);
  assert.equal(code, 0);
  assert.match(told, /: 6 events, [1-9]\d* reads, 0 wrong/);
});
