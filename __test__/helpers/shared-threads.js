/**
 * Threads that run a task of `__test__/programs/shared-*-tasks.js`, and tell its result.
 *
 * Must not know the tasks. Invariant: a thread ends when its result was read, so no message of it
 * is lost; an error of a task is the error of the test.
 */
const path = require('node:path');
const { Worker } = require('node:worker_threads');

const FILE = path.join(__dirname, '..', 'programs', 'shared-thread.js');

/**
 * @param {string} task `<file>.<name>`, of `shared-<file>-tasks.js`
 * @param {object} [input]
 * @returns {{ worker: Worker, said: (word: string) => Promise<void>, result: Promise<any> }}
 */
function startThread(task, input = {}) {
  const worker = new Worker(FILE, { workerData: { task, input } });
  const words = new Map();
  const word = (name) => {
    if (!words.has(name)) words.set(name, Promise.withResolvers?.() ?? resolvers());
    return words.get(name);
  };
  const result = new Promise((resolve, reject) => {
    worker.on('message', (message) => {
      if (message.word !== undefined) word(message.word).resolve();
      else if (message.error !== undefined) reject(new Error(message.error));
      else {
        worker.postMessage('read');
        resolve(message.result);
      }
    });
    worker.on('error', reject);
    worker.on('exit', (code) => reject(new Error(`the thread of ${task} ended with ${code}`)));
  });
  result.catch(() => {});
  const said = (name) => Promise.race([word(name).promise, result.then(() => {})]);
  return { worker, said, result };
}

function resolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

/** The results of `count` threads, each told its `index`. */
function runThreads(count, task, input = {}) {
  const threads = Array.from({ length: count }, (_, index) =>
    startThread(task, { ...input, index, count }),
  );
  return Promise.all(threads.map(({ result }) => result));
}

/** Terminates a thread and waits until it is gone. */
async function terminate({ worker }) {
  await worker.terminate();
}

module.exports = { runThreads, startThread, terminate };
