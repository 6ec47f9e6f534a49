/**
 * The examples of the documentation run, and hold what they say.
 *
 * Must not know what an example shows: each checks itself and ends with 0.
 */
const assert = require('node:assert/strict');
const { readdirSync } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { REPOSITORY, runToExit } = require('../helpers/run-program');
const { SLOW } = require('../helpers/test-timeout');

const EXAMPLES = path.join(REPOSITORY, 'docs', 'examples');
const DEMO = 'demo.js';
const DEMO_REQUESTS = 6000;

const examples = readdirSync(EXAMPLES).filter((name) => /\.m?js$/.test(name) && name !== DEMO);

for (const name of examples) {
  test(`example_runs: ${name}`, SLOW, async () => {
    const { stderr } = await runToExit(0, path.join(EXAMPLES, name));
    assert.equal(stderr, '');
  });
}

test('demo_holds_every_answer_to_what_its_visitors_expect', SLOW, async () => {
  const { stdout } = await runToExit(0, path.join(EXAMPLES, DEMO), ['--requests', DEMO_REQUESTS]);
  assert.match(stdout, /every answer was the right one/);
  assert.doesNotMatch(stdout, /FAILED/);
});
