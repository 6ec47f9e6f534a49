/**
 * The measurements of shared stores, as tables and as targets.
 *
 * Text in, text out; nothing here measures.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');
const { columns, short } = require('./table.js');

const OVERHEAD_ENTRIES = 400_000;
const OVERHEAD_BYTES = 40;

const SHARED_TARGETS = [
  {
    title: `shared overhead, ${number(OVERHEAD_ENTRIES)} entries <= ${OVERHEAD_BYTES} bytes`,
    check: checkOverhead,
  },
  { title: 'shared increment by 4 workers, none lost', check: checkCounts },
];

/** What an entry takes beside its key and value, and what of it is what. */
function overheadTable(title, { unit, sizes, keyBytes, valueBytes, failure }) {
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const head = ['entries', 'overhead', 'heads', 'slack', 'index', 'overhead of what is taken'];
  const lines = Object.entries(sizes).map(([entries, size]) => [
    number(Number(entries)),
    ...[size.overhead, size.heads, size.slack, size.index, size.realOverhead].map(short),
  ]);
  const what = `${unit}, keys of ${keyBytes}, values of ${valueBytes}`;
  return `${title}, ${what}\n${columns([head, ...lines])}\n`;
}

/** Operations per second, and whether all were counted. */
function threadsTable(title, measured) {
  const { unit, contenders, counts, wrong, failure } = measured;
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const head = ['', unit, 'min–max', 'processors', 'counted', 'of'];
  const lines = Object.entries(contenders).map(([name, { median, min, max, processors }]) => [
    name,
    short(median),
    `${short(min)}–${short(max)}`,
    processors.toFixed(1),
    number(counts[name].counted),
    number(counts[name].expected),
  ]);
  const end = wrong === undefined ? '' : `\n  WRONG: ${wrong}`;
  return `${title}\n${columns([head, ...lines])}${end}\n`;
}

function checkOverhead({ measurements }) {
  const sizes = measurements.sharedOverhead?.sizes;
  if (sizes === undefined) return undefined;
  const all = Object.values(sizes).map(({ overhead }) => overhead);
  const { overhead } = sizes[OVERHEAD_ENTRIES];
  const range = `${short(Math.min(...all))}–${short(Math.max(...all))} at other numbers`;
  return { reached: overhead <= OVERHEAD_BYTES, detail: `${short(overhead)}; ${range}` };
}

function checkCounts({ measurements }) {
  if (measurements.sharedThreads === undefined) return undefined;
  const { contenders, counts, wrong } = measurements.sharedThreads;
  const { counted, expected } = counts[OURS];
  const { processors } = contenders[OURS];
  const speed = `${millions(contenders[OURS])} million/s on ${processors.toFixed(1)} processors`;
  const beside = `Atomics.add ${millions(contenders['Atomics.add'])}`;
  const detail = wrong ?? `${number(counted)} counted, ${speed}, ${beside}`;
  return { reached: wrong === undefined && counted === expected, detail };
}

function millions({ median }) {
  return short(median / 1e6);
}

function number(count) {
  return count.toLocaleString('en-US');
}

module.exports = { SHARED_TARGETS, overheadTable, threadsTable };
