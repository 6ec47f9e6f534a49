/**
 * Hit ratio: how many requests of a trace miss, beside LRU, FIFO and the optimum.
 *
 * Every trace has a child process of its own; one that dies is reported and the others go on.
 * Nothing here reads a clock: counts are the same on every machine, but for ours, whose hashes are
 * seeded anew in each process, and which therefore moves by a thousandth.
 */
'use strict';

const { launch } = require('../../launch.js');
const { GENERATED, SEED } = require('./generated.js');
const { findRecorded } = require('./recorded.js');

const SIZES = {
  full: { generatedRequests: 1_000_000, percents: [1, 5, 10, 25] },
  quick: { generatedRequests: 200_000, recordedRequests: 200_000, percents: [10] },
};

/** The misses of each policy, per trace and size in percent of the trace's objects. */
function measure({ quick, storePath, tracesPath }) {
  const { generatedRequests, recordedRequests, percents } = quick ? SIZES.quick : SIZES.full;
  const { names = [], reason } = findRecorded(tracesPath);
  const recorded = names.map((name) => {
    return { name, kind: 'recorded', folder: tracesPath, requests: recordedRequests };
  });
  const generated = GENERATED.map((name) => {
    return { name, kind: 'generated', requests: generatedRequests };
  });
  const traces = [...recorded, ...generated].map(({ kind, ...trace }) => {
    const result = launch('measurements/hit-ratio/child.js', { ...trace, percents, storePath });
    return { name: trace.name, kind, ...result };
  });
  const wrong = traces.find(({ failure }) => failure !== undefined)?.failure;
  return { seed: SEED, percents, skipped: reason, traces, wrong };
}

module.exports = { measure };
