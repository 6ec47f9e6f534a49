/**
 * Exactness: one flight for all who ask, and no increment lost, while others run in between.
 *
 * Not a time but a proof by trying: 1,000 callers of `getOrSet` of one key, and 1,000,000
 * increments by async functions that pause at random places. What is wrong is kept as a result.
 */
'use strict';

const { launch } = require('../launch.js');
const { OURS, contender } = require('../rows/contenders.js');
const { SEED } = require('../rows/load.js');
const { randomNumbers } = require('../rows/random.js');

const CALLERS = 1000;
/** The callers come in so many turns of the event loop, all while the factory runs. */
const CALLER_TURNS = 10;
const COUNTERS = 100;
const INCREMENTS = 1_000_000;
/** After an increment: on at once, after a microtask, or after a turn of the event loop. */
const PAUSES = { none: 0.4, microtask: 0.95 };

const EXPECTED = { getOrSet: 1, increment: INCREMENTS };
const PARTS = { getOrSet: flights, increment: increments };

/** Each part in a child of its own: what it counted, or `wrong`, what must not be. */
function measure({ storePath }) {
  const parts = {};
  for (const part of Object.keys(PARTS)) {
    const { failure, counted } = launch('measurements/exactness.js', { part, storePath });
    parts[part] = { expected: EXPECTED[part], counted, wrong: failure };
  }
  return { seed: SEED, parts, wrong: Object.values(parts).find(({ wrong }) => wrong)?.wrong };
}

async function child({ part, storePath }) {
  const open = contender(OURS).prepare(storePath);
  return { counted: await PARTS[part](open()) };
}

/** How often the factory ran; everybody has to have got what it made. */
async function flights(store) {
  const made = { made: 'once' };
  let runs = 0;
  const factory = async () => {
    runs += 1;
    for (let turn = 0; turn <= CALLER_TURNS; turn += 1) await nextTurn();
    return made;
  };
  const answers = [];
  for (let turn = 0; turn < CALLER_TURNS; turn += 1) {
    for (let caller = 0; caller < CALLERS / CALLER_TURNS; caller += 1) {
      answers.push(store.getOrSet('page', factory));
    }
    await nextTurn();
  }
  for (const answer of answers) {
    if ((await answer) !== made) throw new Error('getOrSet gave something else');
  }
  if (runs !== 1) throw new Error(`the factory ran ${runs} times for ${CALLERS} callers`);
  if (store.get('page') !== made) throw new Error('what the factory made is not stored');
  return runs;
}

/** The number at the end; every number on the way has to have been given to one caller. */
async function increments(store) {
  const given = new Uint8Array(INCREMENTS + 1);
  const random = randomNumbers(SEED);
  const count = async () => {
    for (let step = 0; step < INCREMENTS / COUNTERS; step += 1) {
      const number = store.increment('hits');
      if (given[number] !== 0) throw new Error(`increment gave ${number} twice`);
      given[number] = 1;
      const pause = pauseOf(random());
      if (pause !== undefined) await pause;
    }
  };
  await Promise.all(Array.from({ length: COUNTERS }, count));
  const total = store.get('hits');
  if (total !== INCREMENTS) throw new Error(`${INCREMENTS} increments made ${total}`);
  return total;
}

function pauseOf(draw) {
  if (draw < PAUSES.none) return undefined;
  return draw < PAUSES.microtask ? Promise.resolve() : nextTurn();
}

function nextTurn() {
  return new Promise((resolve) => setImmediate(resolve));
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
