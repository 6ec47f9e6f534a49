/**
 * Sets a limit of this process, a bit above what it uses, and opens a store.
 *
 *     process-limits.js <name of prlimit> <how much above> <place as JSON>
 */
const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const { SharedStore } = require('../../index.js');

const [name, above, place] = process.argv.slice(2);

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

function run() {
  const store = new SharedStore(JSON.parse(place));
  store.set('key', { some: 'value' });
  console.log(JSON.stringify({ value: store.get('key') }));
  store.close();
}

// Loads what is loaded when it is used first.
const first = new SharedStore({ name: 'first' });
first.set('key', { some: 'value' });
first.get('key');
first.close();
const limit = used() + Number(above);
execFileSync('prlimit', ['--pid', `${process.pid}`, `--${name}=${limit}`]);
const opened = name === 'nofile' ? openAll() : [];
let refusal;
try {
  run();
} catch ({ code, message }) {
  refusal = { code, message, limit };
}
for (const file of opened) fs.closeSync(file);
if (refusal !== undefined) console.log(JSON.stringify(refusal));
