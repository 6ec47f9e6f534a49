/**
 * The tables that a run prints: one for each row, one for each measurement.
 *
 * Text in, text out; nothing here measures. Ratios are ours to the peer's: below 1, ours is faster.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');

/** A measured row: median and spread of each contender, ratio of ours to it. */
function rowTable(row) {
  const { title, name, keys, runtime, contenders, ratios, missRatios, skipped, failure } = row;
  const where = runtime === 'bun' ? ' (Bun)' : '';
  const head = `${title} [${name}], ${keys.toLocaleString('en-US')} keys${where}`;
  if (failure !== undefined) return `${head}\n  failed: ${failure}\n`;
  const lines = Object.entries(contenders).map(([contender, ns]) => [
    contender,
    short(ns.median),
    `${short(ns.min)}–${short(ns.max)}`,
    contender === OURS ? '' : ratioText(ratios[contender]),
    ...(missRatios ? [`${(missRatios[contender] * 100).toFixed(2)} %`] : []),
  ]);
  const columnHeads = ['', 'ns/op', 'min–max', 'ours ÷ peer', ...(missRatios ? ['misses'] : [])];
  const reasons = Object.entries(skipped).map(([peer, why]) => `  skipped ${peer}: ${why}`);
  const table = columns([columnHeads, ...lines]);
  return `${[head, table, ...reasons].join('\n')}\n`;
}

/** A measurement whose contenders each have a median and a spread. */
function contendersTable(title, { unit, contenders, failure }) {
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const lines = Object.entries(contenders).map(([name, { median, min, max, excessMs }]) => [
    name,
    short(median),
    `${short(min)}–${short(max)}`,
    excessMs === undefined ? '' : `excess ${short(excessMs)}`,
  ]);
  return `${title}\n${columns([['', unit, 'min–max', ''], ...lines])}\n`;
}

/** The sweep: how long gets and the event loop waited, and how much was swept. */
function sweepTable(title, { modes, failure }) {
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const head = ['', 'longest get µs', 'min–max', 'own', 'p99.999', 'longest loop wait', 'swept'];
  const lines = Object.entries(modes).map(([name, mode]) => [
    name,
    short(mode.longestGet.median),
    `${short(mode.longestGet.min)}–${short(mode.longestGet.max)}`,
    short(mode.longestOwnGet.median),
    short(mode.get99999.median),
    short(mode.longestLoopWait.median),
    `${(mode.sweptShare.median * 100).toFixed(0)} %`,
  ]);
  const maxima = Object.entries(modes).map(([name, { longestGet }]) => {
    const sorted = longestGet.rounds.toSorted((one, other) => one - other);
    return `  longest gets, ${name}: ${sorted.map(short).join(' ')}`;
  });
  return `${[title, columns([head, ...lines]), ...maxima].join('\n')}\n`;
}

/** Exactness: what was counted beside what had to be. */
function exactnessTable(title, { parts }) {
  const lines = Object.entries(parts).map(([part, { expected, counted, wrong }]) => [
    part,
    expected.toLocaleString('en-US'),
    counted?.toLocaleString('en-US') ?? '',
    wrong === undefined ? '' : `WRONG: ${wrong}`,
  ]);
  return `${title}\n${columns([['', 'expected', 'counted', ''], ...lines])}\n`;
}

function ratioText({ median, min, max }) {
  return `${times(median)} (${times(min)}–${times(max)})`;
}

/** Two decimals, or two digits: a hundredth says nothing of what is a thousandth. */
function times(ratio) {
  return ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2);
}

/** Three significant digits, and no decimals from 100 on. */
function short(number) {
  if (Math.abs(number) >= 100) return Math.round(number).toLocaleString('en-US');
  return Math.abs(number) >= 10 ? number.toFixed(1) : number.toFixed(2);
}

function columns(lines) {
  const widths = lines[0].map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const cell = (text, column) =>
    column === 0 ? text.padEnd(widths[column]) : text.padStart(widths[column]);
  return lines.map((line) => `  ${line.map(cell).join('  ')}`.trimEnd()).join('\n');
}

module.exports = {
  columns,
  contendersTable,
  exactnessTable,
  ratioText,
  rowTable,
  short,
  sweepTable,
  times,
};
