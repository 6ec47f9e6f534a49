/**
 * Two machines under a nemesis for as many events as you like: `npm run chaos:fleet -- 1000`.
 *
 * Must not know what is judged. Invariant: it prints the seed, and ends with 1 after a wrong read.
 */
const { runChaos } = require('../helpers/fleet-chaos.js');
const { printedSeed } = require('../helpers/seeded-random.js');

const EVENTS = 200;

async function run() {
  const events = Number(process.argv[2] ?? EVENTS);
  const seed = printedSeed('chaos of a fleet');
  const say = (text) => process.stdout.isTTY && console.log(text);
  const { wrong, reads } = await runChaos({ seed, events, say });
  console.log(`${events} events, ${reads} reads, ${wrong.length} wrong`);
  for (const one of wrong.slice(0, 20)) console.log(JSON.stringify(one));
  process.exitCode = wrong.length > 0 ? 1 : 0;
}

run();
