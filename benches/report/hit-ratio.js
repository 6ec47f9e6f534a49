/**
 * The hit ratios as a table, and as targets: our misses beside those of LRU.
 *
 * Nothing here replays a trace. A cell is one trace at one size; targets are about recorded traces,
 * generated ones are shown beside them. Below 1, ours misses less.
 */
'use strict';

const { FIFO, LRU, OPTIMUM } = require('../measurements/hit-ratio/policies.js');
const { OURS } = require('../rows/contenders.js');
const { columns } = require('./table.js');

const MEAN_LIMIT = 0.95;
const WORST_LIMIT = 1.1;
const SHOWN = [OURS, LRU, FIFO, OPTIMUM];
const KINDS = ['recorded', 'generated'];

const HIT_RATIO_TARGETS = [
  {
    title:
      "misses ÷ LRU's misses, mean over the recorded traces × {1, 5, 10, 25} % " +
      `<= ${MEAN_LIMIT}`,
    check: (results) => check(results, ({ mean }) => mean <= MEAN_LIMIT, meanText),
  },
  {
    title: `misses ÷ LRU's misses, no recorded trace and size above ${WORST_LIMIT.toFixed(2)}`,
    check: (results) => check(results, ({ worst }) => worst.ratio <= WORST_LIMIT, worstText),
  },
];

/** One line per trace and size, then the means and the worst. */
function hitRatioTable(title, { seed, skipped, traces, failure }) {
  if (failure !== undefined) return `${title}\n  failed: ${failure}\n`;
  const head = ['misses of all requests', 'cache', ...SHOWN, 'ours ÷ LRU'];
  const lines = [`${title}, seed ${seed}`, columns([head, ...traces.flatMap(linesOf)])];
  for (const kind of KINDS) {
    const summary = summaryOf(traces, kind);
    if (summary === undefined) continue;
    lines.push(`  ours ÷ LRU, ${kind}: ${meanText(summary)}; ${worstText(summary)}`);
  }
  if (skipped !== undefined) lines.push(`  skipped the recorded traces: ${skipped}`);
  for (const { name, failure: why } of traces) {
    if (why !== undefined) lines.push(`  FAILED ${name}: ${why}`);
  }
  return `${lines.join('\n')}\n`;
}

function linesOf({ name, requests, cells = [] }) {
  return cells.map(({ percent, entries, misses }) => [
    name,
    `${percent} % = ${entries.toLocaleString('en-US')}`,
    ...SHOWN.map((policy) => `${((misses[policy] / requests) * 100).toFixed(2)} %`),
    ratioOf(misses).toFixed(3),
  ]);
}

/**
 * `{ cells, mean, least, worst }` over the traces of a kind, or `undefined` where there are none;
 * `least` is the mean that the optimum has.
 */
function summaryOf(traces, kind) {
  const cells = traces
    .filter((trace) => trace.kind === kind)
    .flatMap(({ name, cells: ofTrace = [] }) =>
      ofTrace.map(({ percent, misses }) => {
        return { name, percent, ratio: ratioOf(misses), least: misses[OPTIMUM] / misses[LRU] };
      }),
    );
  if (cells.length === 0) return undefined;
  const meanOf = (field) => cells.reduce((sum, cell) => sum + cell[field], 0) / cells.length;
  const worst = cells.reduce((one, other) => (other.ratio > one.ratio ? other : one));
  return { cells, mean: meanOf('ratio'), least: meanOf('least'), worst };
}

/** A trace that failed fails the target, whatever the others say. */
function check({ measurements }, isReached, textOf) {
  const traces = measurements.hitRatio?.traces ?? [];
  const failed = traces.find(({ kind, failure }) => kind === 'recorded' && failure !== undefined);
  if (failed !== undefined) return { reached: false, detail: `${failed.name}: ${failed.failure}` };
  const summary = summaryOf(traces, 'recorded');
  if (summary === undefined) return undefined;
  const generated = summaryOf(traces, 'generated');
  const beside = generated === undefined ? '' : `; generated: ${textOf(generated)}`;
  return { reached: isReached(summary), detail: `${textOf(summary)}${beside}` };
}

function ratioOf(misses) {
  return misses[OURS] / misses[LRU];
}

function meanText({ cells, mean, least }) {
  return `mean ${mean.toFixed(3)} of ${cells.length} (the optimum: ${least.toFixed(3)})`;
}

function worstText({ worst: { name, percent, ratio } }) {
  return `worst ${ratio.toFixed(3)} (${name}, ${percent} %)`;
}

module.exports = { HIT_RATIO_TARGETS, hitRatioTable };
