/**
 * From results to charts: which bars a row or a measurement has, in which unit, within what bound.
 *
 * Knows no markup. A chart is `{ kind, title, … }`; `shapes.js` draws each kind. Invariant: no
 * figure is left out because of what it says.
 */
'use strict';

const { FIFO, LRU, OPTIMUM } = require('../../measurements/hit-ratio/policies.js');
const { OURS } = require('../../rows/contenders.js');
const { quartiles } = require('../statistics.js');
const { short } = require('../table.js');

/** Names of ours in another way. */
const ALIKE = /^(the same|ours|a store that|NodeShareCache|shared-memory-store,)/;

/** The charts of a row: one for each number of keys, and one for Bun. */
function chartsOfRow({ rows }, name) {
  return rows
    .filter((row) => row.name === name)
    .sort((one, other) => rank(one) - rank(other))
    .map((row) => ({
      kind: 'bars',
      title: row.title,
      name,
      note: noteOf(row),
      unit: 'ns per operation',
      bars: barsOf(row.contenders, row.ratios, row.missRatios),
      skipped: Object.entries(row.skipped ?? {}),
      measuredAt: row.measuredAt,
    }));
}

function rank({ keys, runtime }) {
  return runtime === 'bun' ? Number.POSITIVE_INFINITY : keys;
}

function noteOf({ keys, runtime, rounds, turnMs }) {
  const where = runtime === 'bun' ? ', Bun' : '';
  return `${number(keys)} keys${where}; ${rounds} rounds of ${turnMs} ms`;
}

function barsOf(contenders, ratios = {}, missRatios = {}) {
  return Object.entries(contenders).map(([name, spread]) => ({
    name: missRatios[name] === undefined ? name : `${name}, ${percent(missRatios[name])} misses`,
    ...whose(name),
    median: spread.median,
    ...quartiles(spread.rounds),
    ratio: ratios[name]?.median,
  }));
}

function whose(name) {
  return { isOurs: name === OURS, isAlike: name !== OURS && ALIKE.test(name) };
}

/** The charts of a measurement, by its field. */
function chartsOfMeasurement(field, title, measured) {
  const shape = SHAPES[field] ?? (measured.parts === undefined ? contenders : parts);
  const { measuredAt } = measured;
  return [shape(measured, title)].flat().map((chart) => ({ name: field, measuredAt, ...chart }));
}

function contenders({ unit, contenders: all, entries, keys }, title) {
  const count = entries ?? keys;
  const isPerSecond = unit.includes('/s');
  const note = count === undefined ? '' : `${number(count)} ${entries ? 'entries' : 'keys'}`;
  return { kind: 'bars', title, note, unit, isMoreBetter: isPerSecond, bars: barsOf(all) };
}

function parts({ parts: all, entries, notRunning, skipped = {} }, title) {
  const lines = Object.entries(all).map(([name, part]) => {
    if (part.failure !== undefined) return { name, failure: part.failure };
    const { unit, ours, peer, ratio, limit, isReached } = part;
    const value = peer === undefined ? ours.median : ratio.median;
    return { name, unit, ours: ours.median, peer: peer?.median, ratio, value, limit, isReached };
  });
  const notes = [
    ...(entries === undefined ? [] : [`${number(entries)} entries`]),
    ...(notRunning === undefined
      ? []
      : [`waited for a processor ${percent(notRunning)} of the time`]),
  ];
  return { kind: 'parts', title, note: notes.join('; '), lines, skipped: Object.entries(skipped) };
}

/** Those that are neither contenders nor parts. */
const SHAPES = {
  hitRatio: ({ traces }) =>
    traces.map(({ name, kind, requests, cells = [], failure }) => ({
      kind: 'ratios',
      title: name,
      note: `${kind}; ${number(requests ?? 0)} requests`,
      failure,
      lines: cells.map(({ percent: share, entries, misses }) => ({
        name: `${share} % = ${number(entries)}`,
        ours: misses[OURS] / requests,
        lru: misses[LRU] / requests,
        fifo: misses[FIFO] / requests,
        optimum: misses[OPTIMUM] / requests,
        ratio: misses[OURS] / misses[LRU],
      })),
    })),
  sweep: ({ entries, modes }, title) => ({
    kind: 'bars',
    title,
    note: `${number(entries)} entries expire; the longest get of each run`,
    unit: 'µs, own time',
    bars: modeBars(modes, ({ longestOwnGet }) => longestOwnGet),
  }),
  processesBesideWriter: besideChart,
  processesStoppedWriter: besideChart,
  processesStall: ({ kills, locksLeft, windowMs, calls }, title) => ({
    kind: 'table',
    title,
    note: `${kills} kills, ${locksLeft} left a lock; the longest call within ${windowMs} ms`,
    head: ['longest, ms', 'half', '90 %', '99 %', 'all'],
    lines: Object.entries(calls).map(([name, { p50, p90, p99, max }]) => {
      return [name, ...[p50, p90, p99, max].map(short)];
    }),
  }),
  sharedOverhead: ({ keyBytes, valueBytes, sizes }, title) => ({
    kind: 'bars',
    title,
    note: `beside a key of ${keyBytes} bytes and a value of ${valueBytes}`,
    unit: 'bytes per entry',
    isOrdered: true,
    bars: Object.entries(sizes).map(([entries, { overhead }]) => {
      const name = `${number(Number(entries))} entries`;
      return { name, isOurs: true, median: overhead, low: overhead, high: overhead };
    }),
  }),
  exactness: ({ parts: all }, title) => ({
    kind: 'table',
    title,
    note: 'what was counted beside what had to be',
    head: ['', 'expected', 'counted'],
    lines: Object.entries(all).map(([name, { expected, counted, wrong }]) => {
      return [name, number(expected), wrong ?? number(counted)];
    }),
  }),
};

function besideChart({ modes }, title) {
  return {
    kind: 'bars',
    title,
    note: 'median of each round; the ratio is to the same read while nobody writes',
    unit: 'ns per get',
    ratioHead: '÷ idle',
    isOrdered: true,
    bars: modeBars(modes, ({ median }) => median).map((bar) => ({
      ...bar,
      ratio: modes[bar.name].medianRatio?.median,
    })),
  };
}

function modeBars(modes, spreadOf) {
  return Object.entries(modes).map(([name, mode]) => {
    const { median, rounds } = spreadOf(mode);
    const isOurs = !/^(lru-cache|ttlcache|node-cache|Map)/.test(name);
    return { name, isOurs, median, ...quartiles(rounds) };
  });
}

function percent(share) {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

function number(count) {
  return count.toLocaleString('en-US');
}

module.exports = { chartsOfMeasurement, chartsOfRow, number, percent };
