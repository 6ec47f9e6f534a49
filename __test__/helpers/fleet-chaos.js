/**
 * Histories of two machines under a nemesis, and the checker that judges them key by key.
 *
 * Must not know how a copy is kept. Two folders are two machines; each has processes behind a proxy
 * of its own. One writer gives each key rising numbers, so the checker knows what was there when.
 * Invariant: the same seed draws the same events.
 */
const { setTimeout: pause } = require('node:timers/promises');
const { createClient } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
// All processes of a machine have it; that of an engine may begin with its process.
const { time: clock } = require('../../lib/native/clock.js');
const { Kind, withProxy } = require('./fleet-proxy.js');
const { withProcesses } = require('./processes.js');
const { randomFrom } = require('./seeded-random.js');
const { startServer } = require('./servers.js');
const { withFolder } = require('./store-folders.js');

const KEYS = ['a', 'b', 'c', 'd'];
const PROCESSES = 2;
const MAX_STALE_MS = 300;
/** How long a thread of a busy machine may be late: what is older is old for another reason. */
const SLACK_MS = 250;
const LONGEST_MS = 800;
const TIMEOUT_MS = 60_000;

/** What was there of each key, in order: it began to be there after `start`, and did by `ack`. */
class Written {
  #of = new Map(KEYS.map((key) => [key, [{ value: undefined, startMs: 0, ackMs: 0 }]]));

  begin(key, value) {
    const one = { value, startMs: clock(), ackMs: Number.POSITIVE_INFINITY };
    this.#of.get(key).push(one);
    return () => {
      one.ackMs = clock();
    };
  }

  /** Which of the values of a key a read has seen, not before one of them; below 0: none. */
  seen(key, value, endMs, first) {
    const all = this.#of.get(key);
    for (let index = first; index < all.length; index += 1) {
      if (all[index].startMs > endMs) return -1;
      if (all[index].value === value) return index;
    }
    return -1;
  }

  /** The last that was acknowledged at a moment. */
  known(key, atMs) {
    return this.#of.get(key).findLastIndex(({ ackMs }) => ackMs <= atMs);
  }
}

/** Reads of a machine against what was written: what is wrong with them. */
function judge(reads, written) {
  const wrong = [];
  for (const key of KEYS) {
    const begun = reads.filter((read) => read.key === key);
    const ended = [...begun].sort((one, other) => one.endMs - other.endMs);
    begun.sort((one, other) => one.beginMs - other.beginMs);
    let [floor, next] = [0, 0];
    for (const read of begun) {
      for (; ended[next].endMs < read.beginMs; next += 1) floor = Math.max(floor, ended[next].at);
      const oldestMs = read.isWoken ? 0 : read.beginMs - MAX_STALE_MS - SLACK_MS;
      const bound = written.known(key, oldestMs);
      read.at = written.seen(key, read.value ?? undefined, read.endMs, Math.max(floor, bound));
      if (read.at >= 0) continue;
      wrong.push({ ...read, floor, bound });
      read.at = floor;
    }
  }
  return wrong;
}

/** What the nemesis does to one of the machines, or to the server; each takes some time. */
const EVENTS = {
  delayListener: ({ proxy, waitMs }) => held(proxy, Kind.LISTENER, waitMs),
  delayAnswers: ({ proxy, waitMs }) => held(proxy, Kind.DATA, waitMs),
  loseWhatWasSaid: async ({ proxy, waitMs }) => {
    proxy.hold(Kind.LISTENER);
    await pause(waitMs);
    proxy.drop(Kind.LISTENER);
    proxy.release();
  },
  dropListener: ({ proxy }) => proxy.drop(Kind.LISTENER),
  dropAnswers: ({ proxy }) => proxy.drop(Kind.DATA),
  killProcess: ({ machine, draw }) => machine.replace(draw(PROCESSES)),
  stopProcess: async ({ machine, draw, waitMs }) => {
    const { child } = machine.running[draw(PROCESSES)];
    child.kill('SIGSTOP');
    await pause(waitMs);
    child.kill('SIGCONT');
  },
  stopServer: async ({ server, waitMs }) => {
    process.kill(server.pid, 'SIGSTOP');
    await pause(waitMs);
    process.kill(server.pid, 'SIGCONT');
  },
  killClients: ({ client }) => client.sendCommand(['CLIENT', 'KILL', 'TYPE', 'normal']),
  flush: ({ writer }) => writer.flush(),
};

async function held(proxy, kind, waitMs) {
  proxy.hold(kind);
  await pause(waitMs);
  proxy.release();
}

/** Processes of a machine that read all the time. */
function machineOf(start, options) {
  const reads = [];
  const begin = () => {
    const one = start('fleet.live', { options, keys: KEYS });
    one.child.on('message', ({ word, detail }) => word === 'reads' && reads.push(...detail));
    return one;
  };
  const running = Array.from({ length: PROCESSES }, begin);
  const replace = async (index) => {
    await running[index].end('SIGKILL');
    running[index] = begin();
  };
  return { reads, running, replace };
}

/** Writes rising numbers to all keys, one after another, and flushes when it is asked to. */
function writerOf(store, client) {
  const written = new Written();
  let [isOver, count] = [false, 0];
  /** @type {(() => void) | undefined} */
  let flushed;
  const flushNow = async () => {
    const done = KEYS.map((key) => written.begin(key, undefined));
    await client.flushAll();
    for (const told of done) told();
    flushed?.();
    flushed = undefined;
  };
  const write = (key) => {
    count += 1;
    const done = written.begin(key, count);
    // Whether it was done is not known when its connection was killed.
    return store.set(key, count).then(done, () => {});
  };
  const running = (async () => {
    while (!isOver || flushed !== undefined) {
      if (flushed !== undefined) await flushNow();
      await write(KEYS[count % KEYS.length]);
      await pause(1);
    }
    // What is not there is not near, either.
    for (const key of KEYS) while (!(await store.has(key))) await write(key);
  })();
  const flush = () => {
    return new Promise((resolve) => {
      flushed = resolve;
    });
  };
  const end = () => {
    isOver = true;
    return running;
  };
  return { written, flush, end };
}

/**
 * Runs so many events; what is wrong with the reads, and how many there were of all.
 *
 * @param {{ seed: number, events: number, say?: (text: string) => void }} how
 */
async function runChaos({ seed, events, say = () => {} }) {
  const draw = randomFrom(seed);
  const server = startServer();
  const name = `chaos-${process.pid}`;
  const store = new FleetStore({ name, url: server.url, timeout: TIMEOUT_MS });
  const client = createClient({ url: server.url });
  client.on('error', () => {});
  await client.connect();
  const withMachine = (start, body) => {
    return withFolder((path) => {
      return withProxy(server.port, (proxy) => {
        const near = { scope: 'machine', path, maxStaleMs: MAX_STALE_MS };
        const options = { name, url: proxy.url, timeout: TIMEOUT_MS, near };
        return body({ proxy, ...machineOf(start, options) });
      });
    });
  };
  let result;
  try {
    await withProcesses((start) => {
      return withMachine(start, (first) => {
        return withMachine(start, async (second) => {
          const machines = [first, second];
          const writer = writerOf(store, client);
          await Promise.all(
            machines.flatMap(({ running }) => running.map((one) => one.said('reads'))),
          );
          for (let event = 0; event < events; event += 1) {
            const names = Object.keys(EVENTS);
            const what = names[draw(names.length)];
            const machine = machines[draw(machines.length)];
            say(`${event}: ${what} ${machines.indexOf(machine)}`);
            const waitMs = draw(LONGEST_MS);
            await EVENTS[what]({
              machine,
              proxy: machine.proxy,
              server,
              client,
              writer,
              draw,
              waitMs,
            });
            await pause(draw(200));
          }
          await writer.end();
          const all = machines.flatMap(({ running }) => running);
          for (const one of all) one.tell('rest');
          const atRest = await Promise.all(all.map((one) => one.result));
          const reads = machines.map((machine) => machine.reads);
          const wrong = reads.flatMap((some) => judge(some, writer.written));
          const unequal = atRest.flat().filter(({ near, fresh }) => near !== fresh);
          result = { wrong: [...wrong, ...unequal], reads: reads.flat().length };
        });
      });
    });
  } finally {
    await store.close();
    client.destroy();
    server.stop();
  }
  return result;
}

module.exports = { runChaos };
