/**
 * A process that runs one task and tells what it gives; it ends when that was told.
 *
 *     shared-process.js <{ task, input } as JSON>
 *
 * Started by `__test__/helpers/processes.js`. A task gets its input, `say(word, detail)` and
 * `told(word)`, a promise. Without a channel to a parent the result goes to standard output.
 */
const { task, input } = JSON.parse(process.argv[2]);
const [file, name] = task.split('.');
const tasks = require(`./shared-${file}-tasks.js`);

const waiting = new Map();
const heard = new Set();

function listen() {
  process.on('message', (word) => {
    heard.add(word);
    waiting.get(word)?.();
  });
}

const say = (word, detail) => process.send({ word, detail });
const told = (word) =>
  heard.has(word) ? Promise.resolve() : new Promise((go) => waiting.set(word, go));

async function run() {
  if (process.send !== undefined) listen();
  try {
    const result = await tasks[name](input, say, told);
    if (process.send === undefined) console.log(JSON.stringify(result ?? null));
    else process.send({ result }, () => process.disconnect());
  } catch (error) {
    const text = `${error?.code ?? ''} ${error?.stack ?? error}`;
    if (process.send === undefined) throw error;
    process.send({ error: text }, () => process.disconnect());
  }
}

run();
