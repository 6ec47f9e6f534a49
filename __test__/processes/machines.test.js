/**
 * Processes of one machine that look as if they were of several: containers, other clocks.
 *
 * Must not know how a store knows the machine. Needs root, for namespaces, and a C compiler for a
 * file system without links; without those, a test says so. Everything happens in namespaces and
 * folders of their own.
 */
const assert = require('node:assert/strict');
const { execFileSync, spawn } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { filesIn, withFolder, withProcessStore } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const PROGRAM = path.join(__dirname, '..', 'programs', 'shared-process.js');
const BOOT_ID = '/proc/sys/kernel/random/boot_id';
const OTHER_BOOT = '11111111-2222-4333-8444-555555555555';

function can(command, ...given) {
  try {
    execFileSync(command, given, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const mounts = can('unshare', '-m', 'true') ? false : 'no mount namespaces here';
const clocks = can('unshare', '-T', 'true') ? false : 'no time namespaces here';
const compiler = can('cc', '--version') ? false : 'no C compiler here';

/** The result of a task in a process that `wrapper` starts, or what it complained of. */
function resultOf(wrapper, task, input, env = {}) {
  const [command, ...given] = [
    ...wrapper,
    process.execPath,
    PROGRAM,
    JSON.stringify({ task: `machine.${task}`, input }),
  ];
  const environment = { ...process.env, ...env };
  delete environment.NODE_TEST_CONTEXT;
  return new Promise((resolve, reject) => {
    const child = spawn(command, given, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (chunk) => {
        output[name] += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(output.stdout));
      else reject(new Error(`${task} ended with ${code}\n${output.stderr}`));
    });
  });
}

/** How a process is started that has another boot id. */
function inContainer(folder) {
  const file = path.join(folder, 'boot_id');
  writeFileSync(file, `${OTHER_BOOT}\n`);
  return ['unshare', '-m', 'sh', '-c', `mount --bind "$0" ${BOOT_ID} && exec "$@"`, file];
}

test('processes_with_other_boot_ids_share_a_store', { ...SLOW, skip: mounts }, () =>
  withFolder((folder) =>
    withProcessStore({}, async (store, place) => {
      store.set('from', 'here');
      const seen = await resultOf(inContainer(folder), 'visit', { place });
      assert.deepEqual(seen, { boot: OTHER_BOOT, from: 'here' });
      assert.equal(store.get('from'), OTHER_BOOT);
      assert.equal(store.has('short'), true);
    }),
  ),
);

test('what_a_killed_holder_left_stays_while_another_has_it_open', { ...SLOW, skip: mounts }, () =>
  withFolder((folder) =>
    withProcessStore({}, async (store, place) => {
      store.set('from', 'here');
      await assert.rejects(resultOf(inContainer(folder), 'die', { place }), /ended with null/);
      const seen = await resultOf(inContainer(folder), 'visit', { place });
      assert.deepEqual(seen, { boot: OTHER_BOOT, from: 'here' });
    }),
  ),
);

test('a_process_of_another_clock_is_refused_clearly', { ...SLOW, skip: clocks }, () =>
  withProcessStore({}, async (store, place) => {
    store.set('short', 1, { ttl: 60_000 });
    const ahead = ['unshare', '-T', '--monotonic', '100000', '--fork'];
    const refused = await resultOf(ahead, 'refusal', { place });
    assert.equal(refused.code, 'ERR_OTHER_CLOCK');
    assert.match(refused.message, /time namespace/);
    // Alone, it takes the store over, with the times that are left.
    store.close();
    const there = await resultOf(ahead, 'timeToLive', { place, key: 'short' });
    assert.ok(there > 0 && there <= 60_000, `${there} ms`);
    const again = new SharedStore(place);
    const left = again.ttl('short');
    again.close();
    assert.ok(left > 0 && left <= 60_000, `${left} ms`);
  }),
);

test('a_folder_without_hard_links_has_stores', { ...SLOW, skip: compiler }, () =>
  withFolder((tools) =>
    withFolder(async (folder) => {
      const [source, library] = ['c', 'so'].map((end) => path.join(tools, `no-links.${end}`));
      const refusal = '{ errno = EPERM; return -1; }';
      writeFileSync(
        source,
        '#include <errno.h>\n' +
          `int link(const char *a, const char *b) ${refusal}\n` +
          `int linkat(int a, const char *b, int c, const char *d, int e) ${refusal}\n`,
      );
      execFileSync('cc', ['-shared', '-fPIC', '-w', '-o', library, source]);
      const place = { name: 'store', scope: 'processes', path: folder };
      const env = { LD_PRELOAD: library };
      const both = [1, 2].map(() => resultOf([], 'visit', { place }, env));
      await Promise.all(both);
      assert.equal(filesIn(folder).length, 1, 'nothing is left of the building');
      const store = new SharedStore(place);
      assert.equal(typeof store.get('from'), 'string');
      store.close();
    }),
  ),
);
