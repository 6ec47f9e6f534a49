/** `info`: what a store is, what it holds, what it has done. */
'use strict';

const text = require('../output/text.js');
const { isFleet, readable } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

/** @param {Context} context */
async function info({ words: [target = ''], options, output }) {
  const store = readable(target, options);
  try {
    const stats = await store.stats();
    if (output.isJson) return output.json(stats);
    output.pairs(isFleet(target) ? Object.entries(stats) : pairsOf(/** @type {any} */ (stats)));
  } finally {
    store.close();
  }
}

/**
 * @param {ReturnType<InstanceType<
 *   typeof import('../../shared/opening/observing/observer.js').StoreObserver
 * >['stats']>} stats
 * @returns {[string, unknown][]}
 */
function pairsOf(stats) {
  const { bytesText, countText, shareText, timeText } = text;
  const { usedSegments, segments, freeSegments, bytesPerSegment } = stats;
  return [
    ['name', stats.name],
    ['file', stats.file],
    ['layout', stats.layout],
    ['when full', stats.whenFull],
    ['entries', `${countText(stats.entries)} of ${stats.maxEntries ?? 'as many as fit'}`],
    ['data', `${bytesText(stats.dataBytes)} in ${bytesText(stats.segmentBytes)} of segments`],
    ['index', bytesText(stats.indexBytes)],
    ['resident', `${bytesText(stats.residentBytes)} of ${bytesText(stats.maxBytes)}`],
    [
      'segments',
      `${usedSegments} of ${segments} used, ${freeSegments} free, of ${bytesText(bytesPerSegment)}`,
    ],
    ['hit ratio', `${shareText(stats.hitRatio)} of ${countText(stats.hits + stats.misses)} reads`],
    ['writes', `${countText(stats.sets)} sets, ${countText(stats.deletes)} deletes`],
    ['loads', `${countText(stats.loads)}, ${timeText(stats.loadMs)} together`],
    ['in vain', `${countText(stats.loadErrors)} loads failed`],
    ['stale', `${countText(stats.staleServed)} values given while one was made`],
    ['lock waits', `${countText(stats.lockWaits)}, ${timeText(stats.lockWaitMs)} together`],
    ['removed', `${countText(stats.evicted)} evicted, ${countText(stats.expired)} expired`],
    ['recovered', `${countText(stats.locksRecovered)} locks of the dead`],
    ['participants', stats.participants],
    ['state', stateOf(stats)],
  ];
}

/** @param {{ closedAt: number | undefined, participants: number, isOfThisBoot: boolean }} stats */
function stateOf({ closedAt, participants, isOfThisBoot }) {
  if (participants > 0) return 'in use';
  if (closedAt !== undefined) return `left whole at ${new Date(closedAt).toISOString()}`;
  const next = isOfThisBoot ? 'the next to open it goes on with it' : 'it is replaced when opened';
  return `its last participants died; ${next}`;
}

module.exports = { info };
