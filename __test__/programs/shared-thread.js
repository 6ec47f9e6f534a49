/**
 * A thread that runs one task and posts what it gives; it ends when that was read.
 *
 * Started by `__test__/helpers/shared-threads.js`. A task gets its input and `say(word)`.
 */
const { parentPort, workerData } = require('node:worker_threads');

const [file, name] = workerData.task.split('.');
const tasks = require(`./shared-${file}-tasks.js`);
const say = (word) => parentPort.postMessage({ word });

async function run() {
  try {
    const result = await tasks[name](workerData.input, say);
    parentPort.once('message', () => parentPort.close());
    parentPort.postMessage({ result });
  } catch (error) {
    parentPort.once('message', () => parentPort.close());
    parentPort.postMessage({ error: `${error?.code ?? ''} ${error?.stack ?? error}` });
  }
}

run();
