/**
 * The examples of the documentation run, and hold what they say.
 *
 * Must not know what an example shows: each checks itself and ends with 0.
 */
const assert = require('node:assert/strict');
const { existsSync, readdirSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { test } = require('node:test');
const { REPOSITORY, runToExit } = require('../helpers/run-program');
const { missing, sharedServer } = require('../helpers/servers');
const { SLOW } = require('../helpers/test-timeout');

const EXAMPLES = path.join(REPOSITORY, 'docs', 'examples');
/** Where stores of processes lie by default, if it is there. */
const MEMORY = '/dev/shm';
/** Folders of examples; the others hold the parts of one. */
const FOLDERS = ['', 'shared'];
const DEMO = 'demo.js';
/** Needs a server. */
const FLEET = path.join('shared', 'two-machines.js');
const SESSION_SERVER = path.join('session-server', 'demo.js');
const SESSION_SERVER_REQUESTS = 6000;

const fleet = { ...SLOW, skip: missing };

const examples = FOLDERS.flatMap((folder) => {
  const names = readdirSync(path.join(EXAMPLES, folder));
  return names.filter((name) => /\.m?js$/.test(name)).map((name) => path.join(folder, name));
});

for (const name of examples.filter((example) => example !== DEMO && example !== FLEET)) {
  test(`example_runs: ${name}`, SLOW, async () => {
    const { stderr } = await runToExit(0, path.join(EXAMPLES, name));
    assert.equal(stderr, '');
  });
}

test('two_machines_make_a_page_once_and_see_each_others_changes', fleet, async () => {
  const { stdout, stderr } = await runToExit(0, path.join(EXAMPLES, FLEET), [], {
    env: { ...process.env, REDIS_URL: sharedServer().url },
  });
  assert.equal(stderr, '');
  assert.equal(stdout, '20 visits, 1 page made\na change on one machine is seen on the other\n');
});

test('session_server_holds_every_answer_to_what_its_visitors_expect', SLOW, async () => {
  const options = ['--requests', String(SESSION_SERVER_REQUESTS)];
  const { stdout } = await runToExit(0, path.join(EXAMPLES, SESSION_SERVER), options);
  assert.match(stdout, /every answer was the right one/);
  assert.doesNotMatch(stdout, /FAILED/);
});

test('cluster_shares_its_stores_exactly_and_leaves_nothing_behind', SLOW, async () => {
  const options = ['--seconds', '4', '--workers', '3'];
  const { stdout } = await runToExit(0, path.join(EXAMPLES, DEMO), options);
  assert.match(stdout, /every answer was the right one/);
  assert.doesNotMatch(stdout, /FAILED/);
  const [, prefix] = /They share \d stores, (cluster-demo-\d+)/.exec(stdout);
  assert.deepEqual(storesNamed(prefix), []);
});

/** The files of the stores whose names begin so. */
function storesNamed(prefix) {
  const parent = existsSync(MEMORY) ? MEMORY : tmpdir();
  const files = readdirSync(path.join(parent, `shared-memory-store-${process.geteuid()}`));
  return files.filter((file) => file.startsWith(prefix));
}
