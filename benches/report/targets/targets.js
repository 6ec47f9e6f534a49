/**
 * The targets: what this package wants to reach, checked against what was measured.
 *
 * A report, not a test: nothing fails because of it. What was not measured is said to be so.
 */
'use strict';

const { OURS } = require('../../rows/contenders.js');
const { ADAPTER_TARGETS } = require('./adapters.js');
const { median } = require('../statistics.js');
const { HIT_RATIO_TARGETS } = require('../hit-ratio.js');
const { PART_TARGETS } = require('../parts.js');
const { PROCESS_TARGETS } = require('../processes.js');
const { ratioTarget } = require('./ratio.js');
const { SHARED_TARGETS } = require('../shared.js');

const TARGETS = [
  ratioTarget('get-hit', 1000, 'lru-cache', 0.8),
  ratioTarget('get-hit', 1000, 'Map', 1.3),
  ratioTarget('get-hit', 1000, 'original 1.0.3', 0.2),
  ratioTarget('get-fresh-key', 1000, 'lru-cache', 1.2),
  ratioTarget('get-fresh-key', 100_000, 'lru-cache', 1.2),
  ratioTarget('get-hit', 1_000_000, 'lru-cache', 1.2),
  ratioTarget('get-miss', 1000, 'lru-cache', 3),
  ratioTarget('get-ttl', 1000, 'lru-cache', 2),
  ratioTarget('overwrite', 1000, 'lru-cache', 1),
  ratioTarget('overwrite', 1_000_000, 'lru-cache', 1.2),
  ratioTarget('set-ttl', 1000, 'ttlcache', 0.1),
  ratioTarget('set-ttl', 100_000, 'ttlcache', 0.1),
  ratioTarget('set-ttl', 1_000_000, 'ttlcache', 0.1),
  ratioTarget('bounded-get-hit', 1000, 'lru-cache', 1.1),
  ratioTarget('evicting-set', 1000, 'lru-cache', 1.5),
  ratioTarget('get-hit', 1000, 'lru-cache', 0.8, 'bun'),
  measurementTarget('full GC pause ÷ Map <= 2', 'gcPause', 2),
  measurementTarget('rss bytes per entry ÷ Map <= 1.1', 'memory', 1.1),
  { title: 'longest get while sweeping within the range of none swept', check: checkSweep },
  ...HIT_RATIO_TARGETS,
  exactnessTarget('getOrSet, 1,000 callers of one key, runs of the factory = 1', 'getOrSet'),
  exactnessTarget('increment, 1,000,000 by 100 async functions, none lost', 'increment'),
  ratioTarget('shared:get-object', 1000, 'lmdb', 0.35),
  ratioTarget('shared:get-frozen', 1000, 'Map', 1.6),
  ratioTarget('shared:get-text-100', 1000, 'lmdb', 0.15),
  ratioTarget('shared:get-text-100', 1_000_000, 'lmdb', 0.6),
  ratioTarget('shared:set-object', 1000, 'lmdb', 0.1),
  ratioTarget('shared:set-object', 1000, 'native-keyshare, msgpackr', 1.1),
  ...PART_TARGETS,
  ...SHARED_TARGETS,
  ...PROCESS_TARGETS,
  ...ADAPTER_TARGETS,
];

/**
 * Each target as `{ title, row, reached, detail }`; `row` is the one that it is about, if it is
 * about one alone, and `reached` is `null` where it was not measured.
 */
function checkTargets(results) {
  return TARGETS.map(({ title, row, check }) => {
    const { reached, detail } = check(results) ?? { reached: null, detail: 'not measured' };
    return { title, row, reached, detail };
  });
}

/** The lines that are printed at the end of a run. */
function targetLines(targets) {
  const words = { true: 'pass', false: 'FAIL', null: 'none' };
  return targets.map(({ title, reached, detail }) => `  ${words[reached]}  ${title}: ${detail}`);
}

function measurementTarget(title, name, limit) {
  const check = ({ measurements }) => {
    if (measurements[name] === undefined) return undefined;
    const { contenders, entries } = measurements[name];
    const ratio = ratioToMap(contenders);
    const detail = `${ratio.toFixed(2)}, with ${entries.toLocaleString('en-US')} entries`;
    return { reached: ratio <= limit, detail };
  };
  return { title, check };
}

function ratioToMap(contenders) {
  return contenders[OURS].median / contenders.Map.median;
}

/** The longest gets of most runs with a sweep are no longer than the longest of those without. */
function checkSweep({ measurements }) {
  const modes = measurements.sweep?.modes;
  if (modes === undefined) return undefined;
  const swept = modes['ours, expiring'];
  const calm = modes['ours, none expiring'].longestGet;
  const typicalUs = median(swept.longestGet.rounds);
  const range = `${calm.min.toFixed(0)}–${calm.max.toFixed(0)} µs without`;
  const share = `${(swept.sweptShare.min * 100).toFixed(0)} % swept`;
  return {
    reached: typicalUs <= calm.max && swept.sweptShare.min > 0.99,
    detail: `median of the longest ${typicalUs.toFixed(0)} µs, ${range}, ${share}`,
  };
}

function exactnessTarget(title, part) {
  const check = ({ measurements }) => {
    if (measurements.exactness === undefined) return undefined;
    const { expected, counted, wrong } = measurements.exactness.parts[part];
    const detail = wrong ?? `${counted.toLocaleString('en-US')} counted`;
    return { reached: wrong === undefined && counted === expected, detail };
  };
  return { title, check };
}

module.exports = { checkTargets, targetLines };
