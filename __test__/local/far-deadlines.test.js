/**
 * Deadlines that lie far apart, met one by one over seconds.
 *
 * Runs each case in a process of its own: what is looked for is a hang. Invariant tested: the
 * release of what is due always comes to its end, whatever was due before.
 */
const assert = require('node:assert/strict');
const { describe, test } = require('node:test');
const { runScript } = require('../helpers/child-script.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** Powers of two in microseconds: where structures that divide time into turns begin anew. */
const DISTANCES_MS = [1.024, 65.536, 2 ** 20 / 1000, 2 ** 21 / 1000, 2 ** 22 / 1000];

/** The first deadline, away from where such a turn begins. */
const FIRST_MS = 1000;

/** Lets entries expire whose deadlines are `distance` apart; asks and sweeps in between. */
const scriptFor = (distance) => `
  const distance = ${distance};
  const store = new MemoryStore({ cleanupInterval: 1, autoStartCleanup: ${distance < 100} });
  const waitUntil = (time) => {
    while (performance.now() < time);
  };
  const first = performance.now();
  const lead = Math.min(300, distance);
  for (let turn = 0; turn < 3; turn += 1) {
    const deadline = first + ${FIRST_MS} + turn * distance;
    waitUntil(deadline - lead);
    store.size();
    const ttl = Math.max(1, Math.round(deadline - performance.now()));
    store.set('key ' + turn, turn, { ttl });
    store.size();
    waitUntil(performance.now() + ttl + 2);
    if (store.size() !== 0 || store.has('key ' + turn)) throw new Error('still there');
  }
  console.log('done');
`;

describe('entries expire and are counted out one after another,', () => {
  for (const distance of DISTANCES_MS) {
    test(`${distance} ms apart`, SLOW, async () => {
      const { code, signal, stdout, stderr } = await runScript(scriptFor(distance));
      assert.deepEqual(
        { code, signal, stdout },
        { code: 0, signal: null, stdout: 'done\n' },
        stderr,
      );
    });
  }
});
