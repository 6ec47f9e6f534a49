/**
 * Repeats one leak scenario and prints how many bytes each operation left behind.
 *
 *     leak.js <scenario> [file of the scenarios] [how many times the usual rounds]
 *
 * Compared are two plateaus, after garbage collections: the lowest of the early rounds, when every
 * table has its size, and the lowest of the last. Lowest, because noise only ever adds.
 */
const { collectGarbage } = require('../helpers/collect-garbage');
const { effort } = require('../helpers/effort');

const { SCENARIOS } = require(`./${process.argv[3] ?? 'leak-scenarios'}`);

const TIMES = Number(process.argv[4] ?? 1);
const ROUNDS = effort(9, 12);
const WARM_UP_ROUNDS = 3;
const PLATEAU_ROUNDS = 3;

async function main(name) {
  const scenario = SCENARIOS[name];
  const rounds = (scenario.rounds ?? ROUNDS) * TIMES;
  const runRound = scenario.open();
  const samples = [];
  for (let round = 0; round < rounds; round += 1) {
    await runRound(round);
    await collectGarbage();
    const { heapUsed, rss } = process.memoryUsage();
    samples.push({ heapUsed, rss });
  }
  const first = plateau(samples.slice(WARM_UP_ROUNDS, WARM_UP_ROUNDS + PLATEAU_ROUNDS));
  const last = plateau(samples.slice(-PLATEAU_ROUNDS));
  const operations = (rounds - WARM_UP_ROUNDS - PLATEAU_ROUNDS) * scenario.operations;
  console.log(
    JSON.stringify({
      operations,
      heapBytesPerOperation: (last.heapUsed - first.heapUsed) / operations,
      residentBytesPerOperation: (last.rss - first.rss) / operations,
      samples,
    }),
  );
}

function plateau(samples) {
  return {
    heapUsed: Math.min(...samples.map((sample) => sample.heapUsed)),
    rss: Math.min(...samples.map((sample) => sample.rss)),
  };
}

main(process.argv[2]);
