/**
 * Sets a limit of this process, a bit above what it uses, and opens a store, fills one, or opens
 * one after the other until it may not.
 *
 *     process-limits.js <name of prlimit> <how much above> <place as JSON> [open | fill | more]
 */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { SharedStore } = require('../../index.js');

const [name, above, place, act = 'open'] = process.argv.slice(2);
const ROUNDS = 20;

/** What this process uses of what is limited. */
function used() {
  if (name === 'fsize') return 0;
  if (name === 'nofile') return fs.readdirSync('/proc/self/fd').length;
  const line = { as: 'VmSize', data: 'VmData' }[name];
  const status = fs.readFileSync('/proc/self/status', 'utf8');
  return Number(new RegExp(`${line}:\\s+(\\d+)`).exec(status)[1]) * 1024;
}

/** Opens files until there can be no more; how many there were is the engine's affair. */
function openAll() {
  const opened = [];
  try {
    for (;;) opened.push(fs.openSync('/dev/null'));
  } catch {
    return opened;
  }
}

const ACTS = {
  open(options) {
    const store = new SharedStore(options);
    store.set('key', { some: 'value' });
    const value = store.get('key');
    store.close();
    return value;
  },
  fill(options) {
    const store = new SharedStore(options);
    const text = 'x'.repeat(100_000);
    // What it took is given back before the engine itself gets no more.
    try {
      for (let key = 0; ; key += 1) store.set(`key-${key}`, text);
    } finally {
      store.close();
    }
  },
  more(options) {
    const stores = [];
    try {
      for (let number = 0; ; number += 1) {
        stores.push(new SharedStore({ ...options, name: `${options.name}-${number}` }));
      }
    } finally {
      for (const store of stores) store.close();
    }
  },
};

// Loads and compiles what is used below: later the engine itself may get no more memory for that.
const first = { name: 'first', maxBytes: 2 ** 18 };
ACTS.open(first);
try {
  ACTS.fill(first);
} catch {
  // It is full.
}
const limit = used() + Number(above);
execFileSync('prlimit', ['--pid', `${process.pid}`, `--${name}=${limit}`]);
const opened = [];
let refusal;
let value;
// What the engine closes late may make room for one store, not for many.
for (let round = 0; round < ROUNDS && refusal === undefined; round += 1) {
  if (name === 'nofile') opened.push(...openAll());
  try {
    value = ACTS[act](JSON.parse(place));
  } catch ({ code, message }) {
    refusal = { code, message, limit };
  }
}
for (const file of opened) fs.closeSync(file);
console.log(JSON.stringify(refusal ?? { value }));
