/**
 * Measurements that consist of parts, each with a bound: their tables and their targets.
 *
 * Knows no part. A part is times or counts, and their ratio where it has a peer.
 */
'use strict';

const { columns, ratioText, short } = require('./table.js');

/** Each part with its peer and its bound, where it has them. */
function partsTable(title, { parts, skipped = {}, failure: whole }) {
  if (whole !== undefined) return `${title}\n  failed: ${whole}\n`;
  const measured = Object.entries(parts).filter(([, { failure }]) => failure === undefined);
  const lines = measured.map(([name, { unit, ours, peer, ratio, limit, isReached }]) => {
    const mine = `${short(ours.median)} ${unit}`;
    const bound = limit === undefined ? '' : `${isReached ? '<=' : 'NOT <='} ${limit}`;
    if (peer !== undefined) return [name, mine, short(peer.median), ratioText(ratio), bound];
    const isOne = ours.rounds.length === 1;
    return [name, mine, '', isOne ? '' : `${short(ours.min)}–${short(ours.max)}`, bound];
  });
  const failures = Object.entries(parts)
    .filter(([, { failure }]) => failure !== undefined)
    .map(([name, { failure }]) => `  ${name}: failed: ${failure}`);
  const reasons = Object.entries(skipped).map(([name, why]) => `  skipped ${name}: ${why}`);
  const table = columns([['', 'this', 'beside', 'ratio, or spread', ''], ...lines]);
  return `${[title, table, ...failures, ...reasons].join('\n')}\n`;
}

/**
 * All parts of some measurements in one target: it names those that are beyond their bounds. Not of
 * a measurement with fewer entries than the least.
 */
function partsTarget(title, fields, leastEntries = 0) {
  const isMeant = ({ entries = leastEntries }) => entries >= leastEntries;
  const check = ({ measurements }) => {
    const all = fields.map((field) => measurements[field]).filter(Boolean);
    const measured = all.filter(isMeant).map(({ parts }) => parts);
    if (measured.length === 0) return undefined;
    const parts = Object.assign({}, ...measured);
    const bounded = Object.keys(parts).filter((name) => parts[name].limit !== undefined);
    const missed = bounded.filter((name) => !parts[name].isReached);
    const failed = Object.keys(parts).filter((name) => parts[name].failure !== undefined);
    const not = [...missed, ...failed];
    const reached = `${bounded.length - missed.length} of ${bounded.length}`;
    const detail = `${reached}; not: ${not.join('; ') || 'none'}`;
    return { reached: not.length === 0, detail };
  };
  return { title, check };
}

const PART_TARGETS = [
  partsTarget('tags, namespaces, filters and limits within their bounds', ['features']),
  partsTarget('fleet stores within their bounds', [
    'fleetHits',
    'fleetTimed',
    'fleetReads',
    'fleetBounds',
    'fleetListeners',
    'fleetRaces',
  ]),
  partsTarget('a shared store of 100,000,000 within its bounds', ['scaleShared'], 100_000_000),
  partsTarget('a MemoryStore of 33,000,000 within its bounds', ['scaleLocal'], 33_000_000),
];

module.exports = { PART_TARGETS, partsTable };
