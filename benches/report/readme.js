/**
 * The table of the README: some telling rows, from the results file, between two markers.
 *
 * Text in, text out. Invariant: what stands outside the markers stays as it is.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');
const { findRow } = require('./results.js');

const BEGIN = '<!-- figures: made by `node benches/run.js --page` -->';
const END = '<!-- end of figures -->';

/** What each row is called, which row it is, and who else is shown. */
const ROWS = [
  ['one thread: `get`', 'get-hit', ['Map', 'lru-cache']],
  ['one thread: `get`, entry with a time to live', 'get-ttl', ['lru-cache']],
  ['one thread: `get` of what is not there', 'get-miss', ['Map', 'lru-cache']],
  ['one thread: `set` of a new key into a full store', 'evicting-set', ['lru-cache']],
  ['threads: `get` of an object, a copy', 'shared:get-object', ['lmdb']],
  ["threads: the same, `reads: 'frozen'`", 'shared:get-frozen', ['Map', 'lmdb']],
  ['processes: `get`, 100 bytes of text', 'processes:get-text-100', ['lmdb', 'redis']],
  ['processes: `set`, 100 bytes of text', 'processes:set-text-100', ['lmdb', 'redis']],
  ['processes: `increment`', 'processes:increment', ['lmdb', 'redis']],
];
const COLUMNS = [
  [OURS, 'this package'],
  ['Map', '`Map`, one thread'],
  ['lru-cache', '`lru-cache`'],
  ['lmdb', '`lmdb` on tmpfs'],
  ['redis', 'Redis, local socket'],
];
const KEYS = 1000;

/** The README with the figures of these results in place of those that it had. */
function withFigures(readme, results) {
  const [before, rest] = readme.split(BEGIN);
  const [, after] = rest?.split(END) ?? [];
  if (after === undefined) throw new Error('README.md has not the markers of the figures');
  return `${before}${BEGIN}\n${tableOf(results)}\n${END}${after}`;
}

function tableOf(results) {
  const heads = COLUMNS.map(([, head]) => ` ${head} |`).join('');
  const lines = ROWS.map(([title, name, peers]) => {
    const row = findRow(results, name, KEYS);
    const shown = [OURS, ...peers];
    const cells = COLUMNS.map(([contender]) => {
      const figure = shown.includes(contender) ? row?.contenders[contender] : undefined;
      return figure === undefined ? ' |' : ` ${nanoseconds(figure.median)} |`;
    });
    return `| ${title} |${cells.join('')}`;
  });
  return [`| |${heads}`, `| --- |${' ---: |'.repeat(COLUMNS.length)}`, ...lines].join('\n');
}

function nanoseconds(median) {
  return Math.round(median).toLocaleString('en-US');
}

module.exports = { withFigures };
