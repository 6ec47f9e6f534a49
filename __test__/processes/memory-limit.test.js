/**
 * Stores in a container that may have little memory, and how much that is.
 *
 * Must not know how the limit is read. Invariant tested: a store whose opener says no size leaves
 * its process alive, whichever group around it has the limit.
 */
const assert = require('node:assert/strict');
const { spawnSync } = require('node:child_process');
const fs = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { describe, test } = require('node:test');
const { memoryLimit } = require('../../lib/shared/opening/memory-limit.js');
const { REPOSITORY } = require('../helpers/run-program.js');
const { freshName } = require('../helpers/shared-names.js');
const { withFolder } = require('../helpers/store-folders.js');
const { SLOW } = require('../helpers/test-timeout.js');

const LIMIT = 300 * 1024 ** 2;
const ENTRIES = 2_000_000;
const PROGRAM = path.join(__dirname, '..', 'programs', 'memory-limited.js');

/** A group in which memory can be limited, made inside that of this process. */
function madeGroup() {
  const line = /^(\d+):([^:]*):(.*)$/;
  const groups = fs.readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n');
  const ours = groups.map((group) => line.exec(group));
  const own = ours.find(([, , names]) => names.split(',').includes('memory'));
  const [, , , way] = own ?? ours.find(([, , names]) => names === '');
  const parent = path.join(own ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup', way);
  const file = own ? 'memory.limit_in_bytes' : 'memory.max';
  const folder = fs.mkdtempSync(path.join(parent, 'shared-memory-store-'));
  try {
    fs.writeFileSync(path.join(folder, file), `${LIMIT}`);
    fs.mkdirSync(path.join(folder, 'inner'));
    return folder;
  } catch (error) {
    fs.rmdirSync(folder);
    throw error;
  }
}

/** Runs `body(group)`, where `group` is limited, and `group/inner` only by being in it. */
function withGroup(context, body) {
  let group;
  try {
    group = madeGroup();
  } catch (error) {
    return context.skip(`no group with a limit can be made here: ${error.message}`);
  }
  try {
    return body(group);
  } finally {
    fs.rmdirSync(path.join(group, 'inner'));
    fs.rmdirSync(group);
  }
}

/** Runs the program in a group; what it says. */
function runIn(group, options) {
  const enter = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"';
  const given = [process.execPath, PROGRAM, JSON.stringify(options), `${ENTRIES}`];
  const env = { ...process.env };
  delete env.NODE_TEST_CONTEXT;
  const how = { cwd: REPOSITORY, env, encoding: 'utf8' };
  const run = spawnSync('sh', ['-c', enter, 'sh', group, ...given], how);
  assert.deepEqual([run.status, run.signal], [0, null], run.stderr);
  return JSON.parse(run.stdout);
}

const linux = process.platform === 'linux' ? false : 'only Linux has such groups';

describe('two million sets in 300 MiB leave the process alive', { skip: linux }, () => {
  const cases = {
    'threads, in a group': ['.', () => ({ name: freshName('limit') })],
    'processes, in a group inside': [
      'inner',
      (folder) => ({ name: 'limit', scope: 'processes', path: folder }),
    ],
  };
  for (const [name, [inner, place]] of Object.entries(cases)) {
    test(name, SLOW, (context) =>
      withFolder((folder) =>
        withGroup(context, (group) => {
          const said = runIn(path.join(group, inner), place(folder));
          assert.ok(said.maxBytes <= LIMIT / 2 && said.maxBytes > LIMIT / 3, `${said.maxBytes}`);
          assert.ok(said.evicted > 0);
          assert.deepEqual([said.sets, said.last], [ENTRIES, true]);
        }),
      ),
    );
  }
});

/** Runs `body` with a folder in which these files of a system lie. */
function withSystem(files, body) {
  const system = fs.mkdtempSync(path.join(tmpdir(), 'shared-memory-store-system-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(system, name);
      fs.mkdirSync(path.dirname(file), { recursive: true });
      fs.writeFileSync(file, text);
    }
    return body(system);
  } finally {
    fs.rmSync(system, { recursive: true });
  }
}

describe('the limit is found where the system says it', { skip: linux }, () => {
  const V1 = '36 32 0:33 ROOT /sys/fs/cgroup/memory rw shared:1 - cgroup cgroup rw,memory\n';
  const V2 = '30 23 0:26 ROOT /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n';
  const HYBRID = '31 23 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n';
  const at = (root, line) => line.replace('ROOT', root);
  const v2 = (group) => `sys/fs/cgroup/${group}`;
  const v1 = (group) => `sys/fs/cgroup/memory/${group}memory.stat`;
  const stat = (bytes) => `cache 4096\nhierarchical_memory_limit ${bytes}\nrss 0\n`;
  const cases = {
    'of version 2': [at('/', V2), '0::/a/b\n', { [v2('a/b/memory.max')]: '1000\n' }, 1000],
    'of version 2, of a group around': [
      at('/', V2),
      '0::/a/b\n',
      { [v2('a/b/memory.max')]: 'max\n', [v2('a/memory.max')]: '2000\n' },
      2000,
    ],
    'of version 2, the least of several': [
      at('/', V2),
      '0::/a:x/b\n',
      { [v2('a:x/b/memory.max')]: '3000\n', [v2('a:x/memory.high')]: '2500\n' },
      2500,
    ],
    'of version 2, in a container of its own': [
      at('/', V2),
      '0::/\n',
      { [v2('memory.max')]: '4000\n' },
      4000,
    ],
    'of version 2, of a group that is outside': [
      at('/', V2),
      '0::/../../other\n',
      { [v2('memory.max')]: '5000\n' },
      5000,
    ],
    'of version 1, with those around': [
      at('/', V1) + HYBRID,
      '0::/x\n4:cpu,memory:/a/b\n',
      { [v1('a/b/')]: stat(6000) },
      6000,
    ],
    'of version 1, in a container that sees its own alone': [
      at('/docker/1', V1),
      '4:memory:/docker/1\n',
      { [v1('')]: stat(7000) },
      7000,
    ],
    'of version 1, under another name': [
      at('/', V1),
      '4:memory:/docker/1\n',
      { [v1('')]: stat(8000) },
      8000,
    ],
    'nowhere: no limit': [at('/', V2), '0::/a\n', { [v2('a/memory.max')]: 'max\n' }, Infinity],
    'nowhere: no groups': ['22 1 8:1 / / rw - ext4 /dev/sda1 rw\n', '', {}, Infinity],
  };
  for (const [name, [mounts, groups, files, limit]] of Object.entries(cases)) {
    test(name, () => {
      const system = { 'proc/self/mountinfo': mounts, 'proc/self/cgroup': groups, ...files };
      withSystem(system, (folder) => assert.equal(memoryLimit(folder), limit));
    });
  }

  test('nowhere: no such files', () =>
    withSystem({}, (folder) => assert.equal(memoryLimit(folder), Infinity)));
});
