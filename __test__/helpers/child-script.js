/**
 * Runs a script in a process of its own, with the runtime that runs the test.
 *
 * Must not know what the script does. Invariant: `MemoryStore` is in scope of the script, and the
 * outcome says how the process ended: by an exit code or by a signal.
 */
const { execFile } = require('node:child_process');
const path = require('node:path');

const PACKAGE = path.resolve(__dirname, '../../index.js');

/** A child that runs longer hangs. */
const LIMIT_MS = 60_000;

/** Resolves to `{ code, signal, stdout, stderr }`; `nodeFlags` are not for Bun. */
function runScript(script, nodeFlags = []) {
  const source = `const MemoryStore = require(${JSON.stringify(PACKAGE)});\n${script}`;
  const flags = typeof Bun === 'undefined' ? ['--expose-gc', ...nodeFlags] : [];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [...flags, '-e', source],
      { timeout: LIMIT_MS, killSignal: 'SIGKILL' },
      (_error, stdout, stderr) => {
        resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr });
      },
    );
  });
}

module.exports = { PACKAGE, runScript };
