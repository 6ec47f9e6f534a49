/**
 * `top`: what happens in a store between two looks. Looks only; nobody notices.
 *
 * Invariants: what a look costs does not grow with the store: entries are sampled. And no look is
 * at a store that was destroyed.
 */
'use strict';

const { setTimeout: pause } = require('node:timers/promises');
const { MAX_DELAY_MS } = require('../../native/timers.js');
const { numberOf } = require('../choices.js');
const { destroyed } = require('../exit.js');
const { identityOf } = require('../identity.js');
const {
  bytesText,
  countText,
  keyText,
  printable,
  shareText,
  timeText,
} = require('../output/text.js');
const { observed } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */
/** @typedef {ReturnType<typeof observed>} Observer */

const INTERVAL_MS = 1000;
/** Entries of a look: some 5 ms. */
const SAMPLE = 4096;
const ROWS = 8;
/** Reads of this process that are timed with each look. */
const TIMED_READS = 64;
const RATES = Object.freeze(
  /** @type {const} */ ([
    'hits',
    'misses',
    'sets',
    'deletes',
    'evicted',
    'expired',
    'loads',
    'loadErrors',
    'loadMs',
    'staleServed',
    'lockWaits',
    'lockWaitMs',
  ]),
);

/** @param {Context} context */
async function top({ words: [target = ''], options, output }) {
  const interval = Math.min(numberOf(options, 'interval', INTERVAL_MS), MAX_DELAY_MS);
  const observer = observed(target, options);
  const ending = new AbortController();
  const end = () => ending.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const { file } = observer;
    const identity = identityOf(file);
    let last = counted(observer);
    // Ends: at the first look, or when somebody ends it.
    for (let isLast = false; !isLast; isLast = options.once === true || output.isClosed) {
      await pause(interval, undefined, { signal: ending.signal });
      if (identityOf(file) !== identity) throw destroyed();
      const next = counted(observer);
      const frame = frameOf(observer, last, next);
      last = next;
      if (output.isJson) output.json(frame);
      else output.screen(linesOf(frame));
      await output.caughtUp();
    }
  } catch (error) {
    if (!ending.signal.aborted) throw error;
  } finally {
    observer.close();
  }
}

/** @param {Observer} observer */
function counted(observer) {
  return { at: performance.now(), stats: observer.stats() };
}

/**
 * @param {Observer} observer
 * @param {ReturnType<typeof counted>} last
 * @param {ReturnType<typeof counted>} next
 */
function frameOf(observer, last, next) {
  const seconds = (next.at - last.at) / 1000;
  const { stats } = next;
  const rates = Object.fromEntries(
    RATES.map((name) => [name, (stats[name] - last.stats[name]) / seconds]),
  );
  const reads = Number(rates.hits) + Number(rates.misses);
  const { prefixes, hottest, looked } = observer.sample({ entries: SAMPLE });
  return {
    time: Date.now(),
    name: stats.name,
    stats,
    /** Of a second. */
    rates,
    hitRatio: reads === 0 ? undefined : Number(rates.hits) / reads,
    readMicroseconds: timedReads(observer),
    looked,
    prefixes: prefixes.slice(0, ROWS),
    hottest: hottest.slice(0, ROWS),
    claims: observer.claims(),
  };
}

/**
 * How long a look at an entry takes this process, in µs: the middle one of some.
 *
 * @param {Observer} observer
 */
function timedReads(observer) {
  const times = [];
  for (const { key, namespace } of observer.entries({ everywhere: true })) {
    const start = performance.now();
    observer.entry(key, { namespace });
    times.push(performance.now() - start);
    if (times.length === TIMED_READS) break;
  }
  times.sort((one, other) => one - other);
  const middle = times[times.length >> 1];
  return middle === undefined ? undefined : Math.round(middle * 1e5) / 100;
}

/** @param {ReturnType<typeof frameOf>} frame */
function linesOf({ name, stats, rates, hitRatio, ...frame }) {
  /** @param {string[]} fields */
  const rated = (fields) =>
    fields.map((field) => `${countText(Math.round(Number(rates[field])))} ${field}/s`);
  const { readMicroseconds: readTime } = frame;
  return [
    `${printable(name)}  ${new Date(frame.time).toISOString()}`,
    line('reads', [
      ...rated(['hits', 'misses']),
      hitRatio === undefined ? 'no reads' : shareText(hitRatio),
      `(ever ${shareText(stats.hitRatio)})`,
    ]),
    line('writes', rated(['sets', 'deletes', 'evicted', 'expired'])),
    line('memory', [
      `${bytesText(stats.residentBytes)} of ${bytesText(stats.maxBytes)}`,
      `${countText(stats.entries)} entries`,
      `${bytesText(stats.dataBytes)} of data`,
    ]),
    line('loads', [
      ...rated(['loads', 'loadErrors', 'staleServed']),
      rates.loads === 0
        ? 'no loads'
        : `${timeText(Number(rates.loadMs) / Number(rates.loads))} each`,
    ]),
    line('locks', [
      ...rated(['lockWaits']),
      `${timeText(Number(rates.lockWaitMs))} waited/s`,
      `${ofType(frame.claims, 'lock')} held, ${ofType(frame.claims, 'load')} loading`,
    ]),
    line('users', [
      `${stats.participants}`,
      `a look at an entry ${readTime === undefined ? '-' : `${readTime} µs`}`,
    ]),
    ...(frame.prefixes.length === 0 ? [] : ['', `prefixes, of ${frame.looked} entries looked at`]),
    ...frame.prefixes.map(({ prefix, namespace, share, bytes }) => {
      const key = printable(keyText({ key: prefix || '(none)', namespace }));
      return `  ${shareText(share).padStart(7)}  ${bytesText(bytes).padStart(10)}  ${key}`;
    }),
    ...(frame.hottest.length === 0 ? [] : ['', 'read most, of those']),
    ...frame.hottest.map(
      (place) => `  ${'*'.repeat(place.uses).padEnd(3)}  ${printable(keyText(place))}`,
    ),
    ...frame.claims.slice(0, ROWS).map((claim) => {
      const holder = `process ${claim.pid ?? '?'}, thread ${claim.thread ?? '?'}`;
      const more = claim.isAwaited ? ', waited for' : '';
      return `${claim.type}  ${printable(keyText(claim))}  ${holder}${more}`;
    }),
    '',
  ];
}

/**
 * @param {string} title
 * @param {readonly string[]} parts
 */
function line(title, parts) {
  return `${title.padEnd(8)}${parts.join('  ')}`;
}

/**
 * @param {readonly { type: string }[]} claims
 * @param {string} wanted
 */
function ofType(claims, wanted) {
  return claims.filter(({ type }) => type === wanted).length;
}

module.exports = { top };
