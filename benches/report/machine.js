/**
 * What the numbers were measured on: processor, system and versions.
 *
 * It knows nothing of what was measured. Numbers of two machines are never mixed in one file.
 */
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

const { bunVersion } = require('../launch.js');
const { serverVersion } = require('../processes/redis.js');

const PACKAGES = [
  'lru-cache',
  '@isaacs/ttlcache',
  'node-cache',
  'keyv',
  'lmdb',
  'native-keyshare',
  'msgpackr',
  'redis',
  ...['express', 'express-session', 'connect-redis', 'memorystore', 'express-rate-limit'],
  ...['rate-limit-redis', '@keyv/redis', 'unstorage', 'ioredis', 'bentocache'],
  ...['cacheable', 'layered-loader'],
];
const MODULES = path.join(__dirname, '..', 'node_modules');

/** The machine, the runtimes and the versions of the peers. */
function machine() {
  const processors = os.cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGigabytes: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.platform()} ${os.arch()}`,
    node: process.version,
    v8: process.versions.v8,
    bun: bunVersion() ?? null,
    peers: {
      ...Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
      'redis-server': serverVersion() ?? null,
    },
  };
}

function versionOf(name) {
  const file = path.join(MODULES, name, 'package.json');
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')).version : null;
}

module.exports = { machine };
