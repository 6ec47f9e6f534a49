/**
 * Temporary files of snapshots: whose are removed, and whose stay.
 *
 * Must not know how a writer is told from a dead one. Invariant tested: the next snapshot into a
 * folder removes what writers that were killed have left there, and nothing else.
 */
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const MemoryStore = require('../../index.js');
const { STORES, withFolder } = require('../helpers/snapshot-files.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const WRITER = path.join(__dirname, '..', 'programs', 'snapshot-forever.js');
const DRAFT = /^\.snapshot-[0-9a-f]{16}\.tmp$/;
const LOCKED = process.platform === 'linux' || process.platform === 'darwin';
const SKIP = LOCKED ? false : 'this platform has no locks that tell the dead';

const draftsIn = (folder) => fs.readdirSync(folder).filter((name) => DRAFT.test(name));

/** A process that writes snapshots into a folder for ever; it goes with the test. */
async function withWriter(folder, body) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const child = spawn(process.execPath, [WRITER, path.join(folder, 'theirs')], { stdio });
  const exit = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    return await body(child, exit);
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
}

/** Stops a writer in the middle of a snapshot; the names of its drafts. */
async function stoppedInTheMiddle(child, folder) {
  const stopped = [];
  await waitUntil(() => {
    child.kill('SIGSTOP');
    const drafts = draftsIn(folder);
    const state = fs.readFileSync(`/proc/${child.pid}/stat`, 'latin1');
    const isStopped = / [Tt] /.test(state.slice(state.lastIndexOf(')')));
    // One that was stopped before it saw to it that the draft is its own does not have one yet.
    if (isStopped && drafts.length > 0 && fs.statSync(path.join(folder, drafts[0])).size > 0) {
      stopped.push(...drafts);
    } else {
      child.kill('SIGCONT');
    }
    return stopped.length > 0;
  }, 'a writer was stopped in the middle');
  return stopped;
}

async function snapshotInto(folder, open = STORES['a MemoryStore']) {
  const store = open();
  store.set('key', 1);
  await store.snapshot(path.join(folder, 'ours'));
  store.destroy?.();
  store.close();
}

const linux = process.platform === 'linux' ? SKIP : 'only Linux says whether a process is stopped';

for (const [kind, open] of Object.entries(STORES)) {
  test(
    `what_a_killed_writer_left_goes_with_the_next_snapshot, ${kind}`,
    { ...SLOW, skip: linux },
    () =>
      withFolder((folder) =>
        withWriter(folder, async (child, exit) => {
          const left = await stoppedInTheMiddle(child, folder);
          child.kill('SIGKILL');
          await exit;
          assert.deepEqual(draftsIn(folder), left);
          await snapshotInto(folder, open);
          assert.deepEqual(fs.readdirSync(folder).sort(), ['ours', 'theirs']);
          const whole = new MemoryStore();
          await whole.restore(path.join(folder, 'theirs'));
          assert.equal(whole.size(), 5000);
        }),
      ),
  );
}

test('what_a_stopped_writer_writes_stays_and_gets_its_name', { ...SLOW, skip: linux }, () =>
  withFolder((folder) =>
    withWriter(folder, async (child) => {
      const writing = await stoppedInTheMiddle(child, folder);
      await snapshotInto(folder);
      assert.deepEqual(draftsIn(folder), writing);
      child.kill('SIGCONT');
      // It ends when it cannot name what it has written.
      const isAtNext = () => draftsIn(folder).some((name) => name !== writing[0]);
      await waitUntil(() => isAtNext() || child.exitCode !== null, 'the writer goes on');
      assert.equal(child.exitCode, null);
    }),
  ),
);

test('what_is_no_draft_of_ours_stays', { skip: SKIP }, () =>
  withFolder(async (folder) => {
    const at = (name) => path.join(folder, name);
    const hex = (digit) => `.snapshot-${digit.repeat(16)}.tmp`;
    const kept = ['.snapshot-1.tmp', 'snapshot-0123456789abcdef.tmp', `${hex('a')}.old`, hex('B')];
    for (const name of kept) fs.writeFileSync(at(name), '', { mode: 0o600 });
    fs.mkdirSync(at(hex('1')));
    fs.symlinkSync(at(kept[0]), at(hex('2')));
    fs.writeFileSync(at(hex('3')), '', { mode: 0o600 });
    fs.chmodSync(at(hex('3')), 0o644);
    fs.writeFileSync(at(hex('4')), '', { mode: 0o600 });
    await snapshotInto(folder);
    const wanted = [...kept, hex('1'), hex('2'), hex('3'), 'ours'].sort();
    assert.deepEqual(fs.readdirSync(folder).sort(), wanted);
  }),
);

test('a_hundred_snapshots_into_one_folder_at_once_all_succeed', SLOW, () =>
  withFolder(async (folder) => {
    const store = new MemoryStore();
    for (let number = 0; number < 100; number += 1) store.set(`key-${number}`, number);
    const names = Array.from({ length: 100 }, (_, number) => `file-${number}`);
    await Promise.all(names.map((name) => store.snapshot(path.join(folder, name))));
    assert.deepEqual(fs.readdirSync(folder).sort(), [...names].sort());
  }),
);

test('a_snapshot_is_written_by_handles_that_cannot_sync', () =>
  withFolder(async (folder) => {
    const probe = await fs.promises.open(path.join(folder, 'probe'), 'w');
    const handles = Object.getPrototypeOf(probe);
    const own = Object.getOwnPropertyDescriptor(handles, 'sync');
    const sync = () => Promise.reject(new Error('Method not implemented.'));
    Object.defineProperty(handles, 'sync', { ...own, value: sync });
    try {
      await assert.rejects(probe.sync(), /not implemented/);
      await snapshotInto(folder);
    } finally {
      Object.defineProperty(handles, 'sync', own);
      await probe.close();
    }
    const whole = new MemoryStore();
    assert.equal((await whole.restore(path.join(folder, 'ours'))).entries, 1);
  }));
