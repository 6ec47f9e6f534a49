/**
 * The rows and measurements of stores that processes share, as tables and as targets.
 *
 * Text in, text out; nothing here measures.
 */
'use strict';

const { ratioTarget } = require('./targets/ratio.js');
const { columns, contendersTable, ratioText, short } = require('./table.js');

const NS_PER_US = 1000;
/** As the measurement names them. */
const KINDS = ['text', 'object'];
const SAME_KEYS = 'another writes these keys';
const BESIDE_WRITER_LIMIT = 3;
/** With more, reader and writer took turns: nothing is shown, whatever the ratio. */
const MOST_NOT_RUNNING = 0.2;

const PROCESS_TARGETS = [
  ratioTarget('processes:get-text-100', 1000, 'lmdb', 0.15),
  ratioTarget('processes:get-text-100', 1000, 'redis', 0.002),
  ratioTarget('processes:get-text-64k', 100, 'lmdb', 1),
  ratioTarget('processes:set-text-100', 1000, 'lmdb', 0.1),
  ratioTarget('processes:set-text-100', 1000, 'lmdb, put by 100', 0.4),
  ratioTarget('processes:set-text-100', 1000, 'redis by 100', 0.3),
  ratioTarget('processes:set-text-64k', 100, 'lmdb', 0.7),
  ...KINDS.flatMap((kind) => [
    besideWriterTarget(kind, 'median', 'medianRatio'),
    besideWriterTarget(kind, 'p99', 'p99Ratio'),
  ]),
];

/** Gets beside something that happens meanwhile, and beside nothing. */
function readsTable(title, { modes, stops, failure }) {
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const head = [
    '',
    'median ns',
    '÷ idle',
    'p99 ns',
    '÷ idle',
    'longest µs',
    'sets/s',
    'not running',
  ];
  const lines = Object.entries(modes).map(([name, mode]) => [
    name,
    short(mode.median.median),
    ratioOrNone(mode.medianRatio),
    short(mode.p99.median),
    ratioOrNone(mode.p99Ratio),
    short(mode.longest.median / NS_PER_US),
    mode.sets === undefined ? '' : short(mode.sets.median),
    percent(mode.notRunning.median),
  ]);
  const ends = Object.entries(stops ?? {}).map(([kind, { stops: all, held }]) => {
    return `  ${kind}: stopped ${all} times, ${held} times with a lock`;
  });
  return `${[title, columns([head, ...lines]), ...ends].join('\n')}\n`;
}

/** The longest waits around kills; `own` without those for a processor. */
function stallTable(title, measured) {
  const { unit, kills, locksLeft, windowMs, calls, failure } = measured;
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const shares = ['p50', 'p90', 'p99', 'max'];
  const head = [`longest ${unit}`, ...shares, ...shares.map((share) => `own ${share}`)];
  const lines = Object.entries(calls)
    .filter(([, distribution]) => distribution !== undefined)
    .map(([name, { own, ...all }]) => [
      name,
      ...shares.map((share) => short(all[share])),
      ...shares.map((share) => short(own[share])),
    ]);
  const end = `  ${kills} kills, ${locksLeft} left a lock; the longest of ${windowMs} ms each`;
  return `${title}\n${columns([head, ...lines])}\n${end}\n`;
}

/** How long openings take, and what a new file occupies. */
function openingTable(title, measured) {
  const { keys, skipped, file, failure } = measured;
  const table = contendersTable(title, measured);
  if (failure !== undefined) return table;
  const reasons = Object.entries(skipped).map(([peer, why]) => `  skipped ${peer}: ${why}\n`);
  const { size, blocks, bytes, filledBytes } = file;
  const taken = `${number(blocks)} blocks, ${number(bytes)} bytes of ${number(size)}`;
  const then = `${number(filledBytes)} bytes with ${number(keys)} entries`;
  return `${table}${reasons.join('')}  a new file: ${taken}; ${then}\n`;
}

function besideWriterTarget(kind, what, field) {
  const title = `processes: get (${kind}) beside a writer of its key ÷ idle, ${what} <= `;
  const check = ({ measurements }) => {
    const mode = measurements.processesBesideWriter?.modes[`${kind}, ${SAME_KEYS}`];
    if (mode === undefined) return undefined;
    const ratio = mode[field];
    const notRunning = mode.notRunning.median;
    const detail = `${ratioText(ratio)}, not running ${percent(notRunning)}`;
    if (notRunning > MOST_NOT_RUNNING) return { reached: null, detail: `${detail}: no answer` };
    return { reached: ratio.median <= BESIDE_WRITER_LIMIT, detail };
  };
  return { title: title + BESIDE_WRITER_LIMIT, check };
}

function ratioOrNone(ratio) {
  return ratio === undefined ? '' : ratioText(ratio);
}

function percent(share) {
  return `${(share * 100).toFixed(0)} %`;
}

function number(count) {
  return count.toLocaleString('en-US');
}

module.exports = { PROCESS_TARGETS, openingTable, readsTable, stallTable };
