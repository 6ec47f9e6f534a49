/**
 * The projects of people who test with a runner: what they install, and how they run it.
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
];

module.exports = { COMPLAINTS, PROJECTS };
