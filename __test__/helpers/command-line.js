/**
 * The command line as people run it: `main.js` in a process of its own, in a folder of its own.
 *
 * Must not know what a command does. Invariant: standard input is nobody, so nothing is asked.
 */
const path = require('node:path');
const { SharedStore } = require('../../index.js');
const { REPOSITORY, runProgram } = require('./run-program.js');
const { withFolder } = require('./store-folders.js');

const MAIN = path.join(REPOSITORY, 'lib', 'cli', 'main.js');

/** Runs a command to its end: `{ code, stdout, stderr }`. */
function cli(...words) {
  return runProgram(MAIN, words.map(String));
}

/**
 * Runs `body({ run, json, store, folder })` beside a store named `shop`: `run` runs a command in
 * the folder of that store, `json` gives what it prints as JSON.
 */
function withShop(options, body) {
  return withFolder(async (folder) => {
    const place = { name: 'shop', scope: 'processes', path: folder, maxBytes: 2 ** 22 };
    const store = new SharedStore({ ...place, ...options });
    const run = (...words) => cli(...words, '--path', folder);
    const json = async (...words) => {
      const { code, stdout, stderr } = await run(...words, '--json');
      if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`);
      return JSON.parse(stdout);
    };
    try {
      return await body({ run, json, store, folder, place });
    } finally {
      store.close();
    }
  });
}

module.exports = { MAIN, cli, withShop };
