/**
 * Runs the suite of the verbs on every engine that the package is promised for, from npm.
 *
 *     npm run test:engines [-- --short] [-- node26 deno …]
 *
 * Needs npm's registry. The short form takes the newest Node alone, and of the suite what waits for
 * nothing. The oldest Bun that is promised runs it, too; the one before it has to be refused with a
 * clear error.
 */
const { spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { REPOSITORY, run } = require('./run');

const CONTRACT = path.join('__test__', 'contract');
const PATIENCE_MS = 1_800_000;
const SYSTEM = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const EXTENSION = process.platform === 'win32' ? '.exe' : '';
/** As of other tests in Bun. */
const PATIENTLY = '--timeout=180000';
/** What ends with 0 where the package works, in a few lines: no test runner may be in the way. */
const SMOKE = path.join('__test__', 'package', 'smoke.js');

/** @typedef {{ name: string, packages: string[], program: string, given: string[][] }} Engine */

function node(major) {
  const name = `node${major}`;
  const program = `${name}/node_modules/node-${SYSTEM}/bin/node${EXTENSION}`;
  const tests = ['--expose-gc', '--test', '--test-concurrency=2', '--test-reporter=dot'];
  return {
    name,
    packages: [`${name}@npm:node@${major}`],
    program,
    given: [[...tests, ...suite()]],
  };
}

function bun(name, version, ...given) {
  const program = `${name}/bin/bun.exe`;
  return { name, packages: [`${name}@npm:bun@${version}`], program, given };
}

/** @type {Engine[]} */
const ENGINES = [
  node(22),
  node(24),
  node(26),
  {
    name: 'deno',
    packages: ['deno@2'],
    program: `deno/deno${EXTENSION}`,
    given: [['test', '--allow-all', '--no-check', '--quiet', ...suite()]],
  },
  // One file at a time: of several together it leaves out most tests.
  bun('bun-oldest', '1.2.6', [SMOKE], ...suite('./').map((name) => ['test', PATIENTLY, name])),
  bun('bun-too-old', '1.2.5', [SMOKE, 'refused']),
];
const NEWEST = 'node26';
/** What waits for time to pass, or repeats a thing until it must have met another. */
const SLOW_SUITES = /(deadlines|hostile|loads|locks|points-in-time|races|random-calls|snapshots)/;

/** The files of the suite; Bun takes a path that does not begin with a dot for a word of it. */
function suite(from = '') {
  const names = readdirSync(path.join(REPOSITORY, CONTRACT));
  return names
    .filter((name) => name.endsWith('.test.js'))
    .map((name) => from + path.join(CONTRACT, name));
}

/** What an engine runs in the short form. */
function shortened(engine) {
  const isQuick = (word) => !(word.endsWith('.test.js') && SLOW_SUITES.test(word));
  const given = engine.given.map((words) => words.filter(isQuick));
  return { ...engine, given: given.filter((words) => words.at(-1) !== PATIENTLY) };
}

/** Whether an engine did all that it was given. */
function passes({ program, given, name }, folder) {
  const command = path.join(folder, 'node_modules', program);
  if (!existsSync(command)) throw new Error(`Expected ${name} to have ${program}`);
  console.log(`${name}: ${run(command, ['--version']).split('\n')[0]}`);
  return given.every((some) => {
    const how = { cwd: REPOSITORY, stdio: 'inherit', timeout: PATIENCE_MS };
    const { status } = spawnSync(command, some, how);
    return status === 0;
  });
}

function main() {
  const named = process.argv.slice(2).filter((name) => !name.startsWith('--'));
  const isShort = process.argv.includes('--short');
  const wanted = isShort && named.length === 0 ? [NEWEST] : named;
  const some = ENGINES.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const engines = isShort ? some.map(shortened) : some;
  const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-engines-'));
  try {
    writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
    const packages = engines.flatMap((engine) => engine.packages);
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    run('npm', ['install', ...quiet, ...packages], folder);
    const failed = engines.filter((engine) => !passes(engine, folder)).map(({ name }) => name);
    console.log(failed.length === 0 ? 'ok  every engine' : `FAILED  ${failed.join(', ')}`);
    return failed.length;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = main() === 0 ? 0 : 1;
