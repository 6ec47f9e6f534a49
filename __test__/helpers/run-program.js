/**
 * Runs a program in a process of its own, under the runtime that runs the test.
 *
 * What ends a process (a crash, a hang, an exit code) can only be seen from another one.
 */

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const path = require('node:path');

const IS_BUN = process.versions.bun !== undefined;
/** What turns on the permissions of a process, and why that cannot be had, if it cannot. */
const PERMISSION = ['--permission', '--experimental-permission'].find((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
);
const NO_PERMISSIONS = IS_BUN || PERMISSION === undefined ? 'the engine has no permissions' : false;
/** A hang is a failure; this only bounds how long it takes to say so. */
const PATIENCE_MS = 300_000;
const PROGRAMS = path.join(__dirname, '..', 'programs');
const REPOSITORY = path.join(__dirname, '..', '..');

/**
 * @typedef {object} Result
 * @property {number | null} code
 * @property {string | null} signal
 * @property {string} stdout
 * @property {string} stderr
 */

/**
 * @param {string} file A path, or the name of a program in `__test__/programs`.
 * @param {readonly string[]} [programArguments]
 * @param {{ cwd?: string, env?: Record<string, string>, nodeFlags?: string[] }} [options]
 * @returns {Promise<Result>}
 */
function runProgram(file, programArguments = [], { cwd, env, nodeFlags = [] } = {}) {
  const environment = { ...process.env, ...env };
  // A child of `node --test` would report to the test runner instead of its own standard output.
  delete environment.NODE_TEST_CONTEXT;
  const program = path.isAbsolute(file) ? file : path.join(PROGRAMS, file);
  const runtimeArguments = IS_BUN ? [] : ['--expose-gc', ...nodeFlags];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...runtimeArguments, program, ...programArguments], {
      cwd: cwd ?? REPOSITORY,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    const output = { stdout: '', stderr: '' };
    for (const name of /** @type {const} */ (['stdout', 'stderr'])) {
      child[name].setEncoding('utf8');
      child[name].on('data', (chunk) => {
        output[name] += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...output }));
  });
}

/** Runs a program that must end with `code`; gives its output. */
async function runToExit(code, file, programArguments, options) {
  const result = await runProgram(file, programArguments, options);
  const { stdout, stderr } = result;
  assert.deepEqual(
    { code: result.code, signal: result.signal },
    { code, signal: null },
    `${path.basename(file)} ${programArguments ?? ''}\n${stdout}\n${stderr}`,
  );
  return { stdout, stderr };
}

module.exports = { IS_BUN, NO_PERMISSIONS, PERMISSION, REPOSITORY, runProgram, runToExit };
