/**
 * The command line where its surroundings are odd: terminals, disks, pipes.
 *
 * Must not know how commands print. Invariant tested: a command ends, with an exit code that says
 * how, and with no stack of its own.
 */
const assert = require('node:assert/strict');
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const fs = require('node:fs');
const { test } = require('node:test');
const { SharedStore } = require('../../index.js');
const { MAIN, withShop } = require('../helpers/command-line.js');
const { withProcesses } = require('../helpers/processes.js');
const { SLOW } = require('../helpers/test-timeout.js');
const { waitUntil } = require('../helpers/wait-until.js');

const NODE = JSON.stringify(process.execPath);
const noTerminal = fs.existsSync('/usr/bin/script') ? false : 'script is not installed';
const noSystemFiles = fs.existsSync('/proc/self/stat') ? false : 'there is no /proc';
const noFullDevice = fs.existsSync('/dev/full') ? false : 'there is no /dev/full';

/** What a process does, by the letter that the system has for it. */
function observed(stat) {
  return stat.slice(stat.lastIndexOf(')') + 2)[0];
}

function shell(command) {
  return spawnSync('bash', ['-c', command], { encoding: 'utf8' });
}

test('a_narrow_terminal_shows_what_there_is_room_for', { ...SLOW, skip: noTerminal }, () =>
  withShop({ maxBytes: 2 ** 24 }, ({ store, folder }) => {
    for (let number = 0; number < 500; number += 1) {
      store.set(`${'wide \u4e2d\u6587 '.repeat(9)}${number % 40}:${number}`, number);
    }
    const top = `stty cols 40 rows 12; ${NODE} ${MAIN} top shop --once --path ${folder}`;
    const { stdout, status } = shell(`script -qec '${top}' /dev/null`);
    assert.equal(status, 0);
    const lines = stdout.replace('\u001b[H\u001b[J', '').trimEnd().split(/\r?\n/);
    assert.equal(lines.length, 11);
    const widths = lines.map((line) => line.replace(/[\u4e2d\u6587]/g, 'xx').length);
    assert.equal(Math.max(...widths), 40);
  }),
);

test('what_cannot_be_written_is_said_in_a_line', { ...SLOW, skip: noFullDevice }, () =>
  withShop({ maxBytes: 2 ** 24 }, ({ store, folder }) => {
    for (let number = 0; number < 5000; number += 1) store.set(`a rather long key ${number}`, 1);
    for (const command of ['keys shop', 'info shop']) {
      const { status, stderr } = shell(`${NODE} ${MAIN} ${command} --path ${folder} > /dev/full`);
      assert.deepEqual([status, stderr.trim().split('\n').length], [1, 1], stderr);
      assert.match(stderr, /ENOSPC/);
    }
  }),
);

test('a_pipe_in_place_of_a_file_is_not_waited_for', SLOW, () =>
  withShop({}, async ({ run, folder }) => {
    const pipe = `${folder}/pipe`;
    shell(`mkfifo ${pipe} && cp -a ${pipe} ${folder}/other-${'0'.repeat(32)}.v4.store`);
    assert.deepEqual((await run('verify', pipe)).code, 2);
    assert.equal((await run('info', pipe)).code, 1);
    const { code, stdout } = await run('ls');
    assert.equal(code, 0);
    assert.match(stdout, /^shop .* in use$/m);
  }),
);

test('who_looks_on_is_told_when_the_store_is_destroyed_and_made_anew', SLOW, () =>
  withShop({}, async ({ store, folder, place }) => {
    const looks = [
      ['watch', 'shop', '--json'],
      ['top', 'shop', '--json', '--interval', '20'],
    ].map((words) => {
      const child = spawn(process.execPath, [MAIN, ...words, '--path', folder]);
      const look = { child, ended: once(child, 'close'), shown: '', told: '' };
      child.stdout.on('data', (chunk) => {
        look.shown += chunk;
      });
      child.stderr.on('data', (chunk) => {
        look.told += chunk;
      });
      return look;
    });
    try {
      await waitUntil(() => {
        store.set('key', 1);
        return looks.every(({ shown }) => shown.includes('\n'));
      }, 'both show something');
      store.destroy();
      new SharedStore(place).close();
      await waitUntil(() => looks.every(({ child }) => child.exitCode !== null), 'both end');
      for (const look of looks) {
        assert.deepEqual(await look.ended, [3, null]);
        const { code, message } = JSON.parse(look.told).error;
        assert.deepEqual([code, message], ['not-there', 'The store was destroyed']);
      }
    } finally {
      for (const { child } of looks) child.kill('SIGKILL');
    }
  }),
);

test('a_store_whose_writer_stands_in_a_change_is_looked_at', { ...SLOW, skip: noSystemFiles }, () =>
  withShop({ whenFull: 'evict' }, ({ run, json, store, place, folder }) =>
    withProcesses(async (start) => {
      store.set('key', 1);
      const writer = start('process.churn', { place });
      await writer.said('churning');
      const { child } = writer;
      const observer = SharedStore.observe({ file: store.file });
      // It is in the middle of a change most of the time: sooner or later it is stopped in one.
      await waitUntil(async () => {
        child.kill('SIGSTOP');
        const state = () => observed(fs.readFileSync(`/proc/${child.pid}/stat`, 'utf8'));
        await waitUntil(() => state() === 'T', 'it stands');
        if (observer.heldLocks().some(({ pid }) => pid === child.pid)) return true;
        child.kill('SIGCONT');
        return false;
      }, 'it stands in the middle of a change');
      // Who waits for it to begin is ended at once, as anybody.
      const watching = spawn(process.execPath, [MAIN, 'watch', 'shop', '--path', folder]);
      const ended = once(watching, 'exit');
      const isThere = ({ pid }) => pid === watching.pid;
      await waitUntil(() => observer.participants().some(isThere), 'it takes part');
      watching.kill('SIGTERM');
      assert.deepEqual(await ended, [null, 'SIGTERM']);
      observer.close();
      for (const words of ['ls', 'info shop', 'top shop --once', 'keys shop', 'count shop']) {
        assert.equal((await run(...words.split(' '))).code, 0, words);
      }
      const { stuck } = await json('locks', 'shop');
      assert.ok(stuck.some(({ pid, state }) => pid === child.pid && state === 'stopped'));
      await writer.end();
    }),
  ),
);
