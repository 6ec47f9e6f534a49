/**
 * Features: what tags, namespaces, filters and limits cost, beside the same without them.
 *
 * Each part in a child of its own, in both of the scopes that one process can show. Knows no part.
 */
'use strict';

const { launch } = require('../../launch.js');
const { partOf } = require('../../report/statistics.js');
const { PARTS } = require('./parts.js');
const { SCOPES } = require('./scopes.js');

const SIZES = {
  full: { entries: 1_000_000, rounds: 5, calls: 300_000 },
  quick: { entries: 100_000, rounds: 3, calls: 50_000 },
};

function measure({ quick, storePath }) {
  const size = quick ? SIZES.quick : SIZES.full;
  const parts = {};
  for (const part of Object.keys(PARTS)) {
    for (const scope of Object.keys(SCOPES)) {
      const told = launch('measurements/features/features.js', { part, scope, ...size, storePath });
      parts[`${part}, ${scope}`] =
        told.failure === undefined ? partOf({ ...PARTS[part], ...told }) : told;
    }
  }
  const wrong = Object.values(parts).find(({ failure }) => failure)?.failure;
  return { entries: size.entries, parts, wrong };
}

/** Rounds of one part: what it takes in each, and its peer. */
function child({ part, scope, rounds, storePath, ...size }) {
  const { open, close } = SCOPES[scope](storePath);
  const ours = [];
  const peer = [];
  for (let round = 0; round < rounds; round += 1) {
    const store = open(size.entries);
    const told = PARTS[part].run(store, size);
    ours.push(told.ours);
    if (told.peer !== undefined) peer.push(told.peer);
    close(store);
    globalThis.gc?.();
  }
  return { ours, ...(peer.length > 0 && { peer }) };
}

if (require.main === module) {
  console.log(JSON.stringify(child(JSON.parse(process.argv[2]))));
}

module.exports = { measure };
