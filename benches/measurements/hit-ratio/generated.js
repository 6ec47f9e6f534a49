/**
 * The generated traces: one object id per request, drawn from a fixed seed.
 *
 * Each is one pattern alone, so that what a policy is good at can be told apart; real programs mix
 * them. Nothing here knows a policy. Invariant: a trace is the same in every run.
 */
'use strict';

const { permutation, randomNumbers, zipfRanks } = require('../../rows/random.js');

const SEED = 20240607;
const OBJECTS = 100_000;
/** A scan of that many new objects after each so many requests: 20 % of all. */
const SCAN = { requests: 4000, every: 20_000 };
const LOOP_OBJECTS = 50_000;
/** The hot objects become others after so many requests. */
const SHIFT_REQUESTS = 100_000;

const TRACES = {
  'zipf 0.8': (requests) => zipf(requests, 0.8),
  'zipf 1.0': (requests) => zipf(requests, 1),
  'zipf 1.2': (requests) => zipf(requests, 1.2),
  'zipf 1.0, scans': scans,
  loop: (requests) => new Uint32Array(requests).map((_, index) => index % LOOP_OBJECTS),
  'zipf 1.0, shifts': shifts,
};

/** The ids of the trace of that name. */
function generatedTrace(name, requests) {
  return TRACES[name](requests);
}

function zipf(requests, exponent) {
  const rank = zipfRanks(OBJECTS, exponent, randomNumbers(SEED));
  return new Uint32Array(requests).map(() => rank());
}

/** Runs of objects that are asked for once, never before and never again, between zipf's. */
function scans(requests) {
  const rank = zipfRanks(OBJECTS, 1, randomNumbers(SEED));
  let unseen = OBJECTS;
  return new Uint32Array(requests).map((_, index) => {
    if (index % SCAN.every < SCAN.every - SCAN.requests) return rank();
    unseen += 1;
    return unseen - 1;
  });
}

/** The same objects throughout, but another order of popularity in each stretch. */
function shifts(requests) {
  const random = randomNumbers(SEED);
  const rank = zipfRanks(OBJECTS, 1, random);
  let objects;
  return new Uint32Array(requests).map((_, index) => {
    if (index % SHIFT_REQUESTS === 0) objects = permutation(OBJECTS, random);
    return objects[rank()];
  });
}

module.exports = { GENERATED: Object.keys(TRACES), SEED, generatedTrace };
