/**
 * Two machines under a nemesis for as many events as you like: `npm run chaos:fleet -- 1000`,
 * half of them over one server, the rest over a sentinel and a cluster; `-- 100 cluster` names one,
 * and `-- 50 namespaces` gives each machine a network of its own.
 *
 * Must not know what is judged. Invariant: it prints the seed, and ends with 1 after a wrong read.
 */
const lines = require('../helpers/fleet-lines.js');
const { runChaos } = require('../helpers/fleet-chaos.js');
const { printedSeed } = require('../helpers/seeded-random.js');

const EVENTS = 200;
/** The share of the events that each kind of fleet has, where none is named. */
const SHARES = { server: 0.5, sentinel: 0.25, cluster: 0.25 };
const MOST_SHOWN = 20;

async function run() {
  const all = Number(process.argv[2] ?? EVENTS);
  const named = process.argv[3];
  if (named === 'namespaces' && !lines.isInside) return goInside();
  if (lines.isInside) lines.endWithStarter();
  const shares = named === undefined ? SHARES : { [named]: 1 };
  const seed = printedSeed('chaos of a fleet');
  const say = (text) => process.stdout.isTTY && console.log(text);
  for (const [kind, share] of Object.entries(shares)) {
    const events = Math.ceil(all * share);
    const { wrong, reads } = await runChaos({ seed, events, kind, say });
    console.log(`${kind}: ${events} events, ${reads} reads, ${wrong.length} wrong`);
    for (const one of wrong.slice(0, MOST_SHOWN)) console.log(JSON.stringify(one));
    if (wrong.length > 0) process.exitCode = 1;
  }
}

/** The same within networks that may be changed, where they can be had. */
async function goInside() {
  const missing = lines.missingNamespaces();
  if (missing) return console.log(`left out: ${missing}`);
  const { code } = await lines.runInside(__filename, process.argv.slice(2), 'inherit');
  process.exitCode = code ?? 1;
}

run();
