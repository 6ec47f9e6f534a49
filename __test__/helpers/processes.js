/**
 * Processes that run a task of `__test__/programs/shared-*-tasks.js`, and tell its result.
 *
 * Must not know the tasks. Invariant: no process outlives the test that started it, if the test
 * ends its processes as `withProcesses` does.
 */
const { fork } = require('node:child_process');
const { once } = require('node:events');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const { runToExit } = require('./run-program.js');

/** Not every engine says that a channel has closed. */
const LAST_WORDS_MS = 5000;
const FILE = path.join(__dirname, '..', 'programs', 'shared-process.js');

/**
 * @param {string} task `<file>.<name>`, of `shared-<file>-tasks.js`
 * @param {object} [input]
 * @param {string[]} [within] a program, and its words, that runs another in other surroundings
 */
function startProcess(task, input = {}, within = []) {
  const env = { ...process.env };
  // A child of `node --test` would report to the test runner instead.
  delete env.NODE_TEST_CONTEXT;
  const [execPath, ...execArgv] = [...within, process.execPath];
  const child = fork(FILE, [JSON.stringify({ task, input })], { env, execPath, execArgv });
  const words = new Map();
  const word = (name) => {
    if (!words.has(name)) words.set(name, resolvers());
    return words.get(name);
  };
  const exit = resolvers();
  const result = new Promise((resolve, reject) => {
    child.on('message', (message) => {
      if (message.word !== undefined) word(message.word).resolve(message.detail);
      else if (message.error !== undefined) reject(new Error(message.error));
      else resolve(message.result);
    });
    child.on('error', reject);
    child.on('exit', async (code, signal) => {
      exit.resolve({ code, signal });
      // What it has said last may come after its end.
      if (child.connected) await Promise.race([once(child, 'disconnect'), pause(LAST_WORDS_MS)]);
      reject(new Error(`the process of ${task} ended with ${code ?? signal}`));
    });
  });
  result.catch(() => {});
  return {
    child,
    result,
    /** When it has said a word: what it said with it. */
    said: (name) => Promise.race([word(name).promise, result.then(() => undefined)]),
    /** Tells it a word that its task waits for. */
    tell: (name) => child.send(name),
    /** When it has ended: `{ code, signal }`. */
    exited: exit.promise,
    /** Ends it, and waits until it is gone. */
    end: async (signal = 'SIGKILL') => {
      child.kill('SIGCONT');
      child.kill(signal);
      return exit.promise;
    },
  };
}

function resolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** Runs `body(start)`, where `start` starts a process; ends all that are left. */
async function withProcesses(body) {
  const started = [];
  const start = (...given) => {
    const one = startProcess(...given);
    started.push(one);
    return one;
  };
  try {
    return await body(start);
  } finally {
    await Promise.all(started.map((one) => one.end()));
  }
}

/** The results of `count` processes, each told its `index`. */
function runProcesses(count, task, input = {}) {
  return withProcesses((start) => {
    const all = Array.from({ length: count }, (_, index) =>
      start(task, { ...input, index, count }),
    );
    return Promise.all(all.map(({ result }) => result));
  });
}

/** The result of a task in a program that has nothing to do with this one but the store. */
async function runUnrelated(task, input = {}) {
  const { stdout } = await runToExit(0, 'shared-process.js', [JSON.stringify({ task, input })]);
  return JSON.parse(stdout);
}

module.exports = { runProcesses, runUnrelated, withProcesses };
