/**
 * The projects of people who use the package with others: what they install, and how they run it.
 *
 * Their suites are in the folder of their name, or of `suites`.
 */
const path = require('node:path');

/** What runners print of a process that does not end, or of what it would have to know. */
const COMPLAINTS = [
  /open handle/i,
  /did not exit/i,
  /failed to exit/i,
  /MaxListenersExceeded/,
  /(?<!Experimental)Warning:/,
];

/** Runs a program of an installed package by its file: links in `.bin` differ between systems. */
function program(file, ...given) {
  return (place) => [path.join(place, 'node_modules', ...file.split('/')), ...given];
}

const jest = (...given) => program('jest/bin/jest.js', ...given);
const vitest = (...given) => program('vitest/vitest.mjs', 'run', ...given);

const bundlers = (names) => (_place) => [
  '--test',
  `--test-name-pattern=${names}`,
  'bundlers.test.cjs',
];

const ADAPTER_TESTS = [
  ...['keyv-six.test.mjs', 'servers.test.cjs', 'packages.test.cjs', 'graphql.test.mjs'],
  'sockets.test.cjs',
];

const PROJECTS = [
  {
    name: 'jest',
    packages: ['jest@30'],
    runs: [
      { what: 'Jest, open handles looked for', command: jest('--detectOpenHandles') },
      { what: 'Jest, several workers', command: jest('--maxWorkers=3'), isLong: true },
      {
        what: 'Jest, methods mocked',
        command: jest('--testMatch', '**/automock.js'),
      },
    ],
  },
  {
    name: 'vitest',
    packages: ['vitest@3'],
    runs: ['threads', 'forks', 'vmThreads', 'vmForks'].map((pool) => ({
      what: `Vitest, pool ${pool}`,
      command: vitest(`--pool=${pool}`),
      isLong: pool === 'forks' || pool === 'vmForks',
    })),
  },
  {
    name: 'mocha',
    packages: ['mocha@11'],
    runs: [
      { what: 'Mocha', command: program('mocha/bin/mocha.js', '*.test.js') },
      {
        what: 'Mocha, in parallel',
        command: program('mocha/bin/mocha.js', '--parallel', '*.test.js'),
        isLong: true,
      },
    ],
  },
  {
    name: 'node',
    packages: [],
    runs: [{ what: 'node:test', command: () => ['--test'] }],
  },
  {
    name: 'adapters',
    packages: [
      ...['keyv@5.6.0', 'keyv6@npm:keyv@6.1.0', '@keyv/test-suite@2.1.2', 'vitest@4.1.12'],
      ...['bentocache@1.6.1', '@japa/runner@4.5.0', '@japa/assert@4.2.0'],
      ...['express@5.3.0', 'express-session@1.19.0', '@types/express-session@1.19.0'],
      ...['express-rate-limit@8.7.5', 'express-slow-down@3.1.1', 'fastify@5.12.8'],
      ...['@fastify/cookie@11.1.5', '@fastify/session@11.1.3', '@fastify/rate-limit@11.2.0'],
      ...['rate-limiter-flexible@11.4.0', 'unstorage@1.17.6', 'undici@7.30.2'],
      ...['unstorage2@npm:unstorage@2.0.0-alpha.7', '@apollo/utils.keyvaluecache@4.0.0'],
      ...['better-auth@1.7.25', 'prom-client@15.1.3', '@opentelemetry/api@1.9.0'],
      ...['@envelop/core@5.6.1', '@envelop/response-cache@9.3.1', 'graphql@16.15.0'],
      ...['socket.io@4.8.4', 'socket.io-client@4.8.4', 'socket.io-adapter@2.5.9'],
      ...['@opentelemetry/sdk-metrics@2.12.1', 'typescript@5.9.3', '@types/node@20'],
    ],
    runs: [
      { what: "Keyv's suite", command: vitest('keyv-suite.test.mjs') },
      { what: "bentocache's suite", command: () => ['bentocache.mjs'] },
      { what: 'adapters in their packages', command: () => ['--test', ...ADAPTER_TESTS] },
      { what: 'types of the packages', command: program('typescript/bin/tsc', '-p', '.') },
    ],
  },
  {
    name: 'bundlers',
    packages: [
      ...['esbuild@0.28.2', 'webpack@5.113.0', 'rollup@4.68.8', '@rollup/plugin-commonjs@29.0.3'],
      ...['@rollup/plugin-node-resolve@16.0.3', '@vercel/ncc@0.45.0', '@vercel/nft@1.11.5'],
      ...['postject@1.0.0-alpha.6', 'bun@1.4.5'],
    ],
    runs: [
      { what: 'bundlers and tracers', command: bundlers('^(esbuild|ncc|nft|bun)') },
      { what: 'webpack, rollup and Node', command: bundlers('^(webpack|rollup|a )'), isLong: true },
    ],
  },
  {
    name: 'express',
    packages: ['express@5.3.0', 'express-session@1.19.0', 'express-rate-limit@8.7.5'],
    runs: [{ what: 'Express, workers killed', command: () => ['--test'], isLong: true }],
  },
  {
    name: 'frameworks',
    packages: [
      ...['@nestjs/common@11.2.10', '@nestjs/core@11.2.10', '@nestjs/platform-express@11.2.10'],
      ...['@nestjs/cache-manager@3.1.3', 'cache-manager@7.2.9', 'keyv@5.6.0', 'rxjs@7.8.2'],
      ...['reflect-metadata@0.2.2', 'nitropack@2.13.6'],
    ],
    runs: [
      { what: 'Nest, through Keyv', command: () => ['--test', 'nest.test.cjs'], isLong: true },
      { what: 'Nitro, two servers', command: () => ['--test', 'nitro.test.mjs'], isLong: true },
    ],
  },
  {
    name: 'ioredis',
    packages: ['ioredis@6.0.0'],
    runs: [{ what: 'a fleet through ioredis', command: () => ['--test', 'ioredis.test.cjs'] }],
  },
  {
    name: 'next',
    packages: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
    runs: [
      { what: 'Next.js 16, two servers', command: () => ['--test', 'next.test.mjs'], isLong: true },
    ],
  },
  {
    name: 'next15',
    suites: 'next',
    packages: ['next@15.5.29', 'react@19.3.1', 'react-dom@19.3.1'],
    runs: [
      { what: 'Next.js 15, two servers', command: () => ['--test', 'next.test.mjs'], isLong: true },
    ],
  },
];

module.exports = { COMPLAINTS, PROJECTS };
