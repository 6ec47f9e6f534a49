/**
 * Runs a command to its end; an exit code other than 0 is an error with all that it wrote.
 */
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const REPOSITORY = path.join(__dirname, '..', '..');
const PATIENCE_MS = 300_000;

/** @returns {string} standard output */
function run(command, commandArguments, cwd) {
  return outputs(command, commandArguments, cwd).stdout;
}

/** @returns {{ stdout: string, stderr: string }} */
function outputs(command, commandArguments, cwd = REPOSITORY) {
  const { status, signal, stdout, stderr, error } = spawnSync(command, commandArguments, {
    cwd,
    encoding: 'utf8',
    timeout: PATIENCE_MS,
    shell: process.platform === 'win32',
  });
  if (error !== undefined) throw error;
  if (status !== 0) {
    const called = [path.basename(command), ...commandArguments].join(' ');
    throw new Error(`${called} ended with ${signal ?? status}\n${stdout}\n${stderr}`);
  }
  return { stdout, stderr };
}

/** The path of a tool that the repository has installed. */
function tool(name) {
  return path.join(REPOSITORY, 'node_modules', '.bin', name);
}

/** Makes a check, and says that it passed; its error says what was expected. */
function step(what, check) {
  try {
    check();
  } catch (error) {
    throw new Error(`Expected that ${what}\n${error.message}`);
  }
  console.log(`ok  ${what}`);
}

module.exports = { REPOSITORY, outputs, run, step, tool };
