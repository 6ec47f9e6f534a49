/**
 * Requests per second of an Express app with sessions and a limit, two workers, by kind of store.
 *
 * Started by `launch.js` as its own child. Invariant: the servers of all kinds are up, and have
 * their visitors, before the first is measured; then they have turns.
 */
'use strict';

const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');

const { launch } = require('../../launch.js');
const { startServer } = require('../../processes/redis.js');
const { spread } = require('../../report/statistics.js');
const { temporaryFolder } = require('../../shared/folders.js');
const { openVisitors, visit } = require('./visitors.js');

const KINDS = ['ours', 'redis', 'memory', 'none'];
const VISITORS = 16;
const PACES = {
  full: { rounds: 7, turnMs: 2000 },
  quick: { rounds: 3, turnMs: 300 },
};

/** `{ unit, contenders }`, or `{ failure }`. */
function measure({ quick, storePath }) {
  return launch('rows/adapters/app.js', { ...(quick ? PACES.quick : PACES.full), storePath });
}

async function main({ rounds, turnMs, storePath }) {
  const folder = temporaryFolder();
  const options = { path: path.join(folder, 'stores'), name: 'app', maxBytes: 2 ** 26 };
  const place = { options, storePath, socket: await startServer() };
  const lanes = [];
  for (const kind of KINDS) {
    const server = fork(path.join(__dirname, 'server.js'), [JSON.stringify({ kind, ...place })]);
    const [{ port }] = await once(server, 'message');
    lanes.push({ kind, visitors: await openVisitors(port, VISITORS), perSecond: [] });
  }
  for (const { visitors } of lanes) await visit(visitors, turnMs);
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < lanes.length; turn += 1) {
      const { visitors, perSecond } = lanes[(round + turn) % lanes.length];
      perSecond.push(await visit(visitors, turnMs));
    }
  }
  return {
    unit: 'requests/s',
    visitors: VISITORS,
    contenders: Object.fromEntries(lanes.map(({ kind, perSecond }) => [kind, spread(perSecond)])),
  };
}

if (require.main === module) {
  main(JSON.parse(process.argv[2])).then((result) => {
    process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
  });
}

module.exports = { measure };
