/**
 * What a fleet store costs and keeps, beside clients and caches that people use for that now.
 *
 * Each group of parts in a child of its own, with a server of its own. Knows no part. A part is
 * times, or counts of what must not be; with a peer it is their ratio, round by round.
 */
'use strict';

const { launch } = require('../../launch.js');
const { partOf } = require('../../report/statistics.js');
const { serverVersion } = require('../../processes/redis.js');

/** By name: the file of the group, and what a table of it is called. */
const GROUPS = {
  'fleet-hits': 'near hits, processor time a call',
  'fleet-timed': 'near hits with a deadline, processor time a call',
  'fleet-reads': 'reads at the server, processor time a call',
  'fleet-bounds': 'how late a change is seen',
  'fleet-listeners': 'listeners',
  'fleet-races': 'races',
};

/** Measurements, as `run.js` lists them: name, field, title and what measures. */
const FLEET_MEASUREMENTS = Object.entries(GROUPS).map(([name, title]) => {
  const field = name.replace(/-(\w)/, (_, letter) => letter.toUpperCase());
  return { name, field, title: `Fleet: ${title}`, measure: (options) => measure(name, options) };
});

function measure(group, { quick, storePath }) {
  if (serverVersion() === undefined) return { failure: 'redis-server is not on PATH' };
  const told = launch('rows/fleet/fleet.js', { group, quick, storePath });
  if (told.failure !== undefined) return told;
  const { parts, skipped } = told;
  const all = Object.entries(parts).map(([name, part]) => [name, partOf(part)]);
  const wrong = all.find(([, { isCount, isReached }]) => isCount && !isReached)?.[0];
  return { parts: Object.fromEntries(all), skipped, wrong };
}

async function child({ group, ...how }) {
  const [, file] = group.split('-');
  return require(`./${file}.js`).run(how);
}

if (require.main === module) {
  child(JSON.parse(process.argv[2])).then((result) => {
    // Clients and listeners keep a process.
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { FLEET_MEASUREMENTS };
