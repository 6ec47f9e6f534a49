/**
 * What a process does to a store that looks as if it were on another machine.
 *
 * Must not know what a test expects.
 */
const { readFileSync } = require('node:fs');
const { SharedStore } = require('../../index.js');

const boot = () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

/** Leaves the boot id; gives the one that was there. */
function visit({ place }) {
  const store = new SharedStore(place);
  const from = store.get('from');
  store.set('from', boot());
  store.set('short', 1, { ttl: 3_600_000 });
  store.close();
  return { boot: boot(), from };
}

/** Ends as if it were killed, with the store open. */
function die({ place }) {
  const store = new SharedStore(place);
  store.lock('from');
  process.kill(process.pid, 'SIGKILL');
}

/** Why a store cannot be opened. */
function refusal({ place }) {
  try {
    new SharedStore(place).close();
    return 'opened';
  } catch ({ code, message }) {
    return { code, message };
  }
}

function timeToLive({ place, key }) {
  const store = new SharedStore(place);
  const ttl = store.ttl(key);
  store.close();
  return ttl;
}

module.exports = { die, refusal, timeToLive, visit };
