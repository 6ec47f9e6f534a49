/**
 * Histories of two machines under a nemesis, and the checker that judges them key by key.
 *
 * Must not know how a copy is kept. Two folders are two machines; each has processes behind a line
 * of its own. One writer gives each key rising numbers, so the checker knows what was there when.
 * Invariant: the same seed draws the same events.
 */
const { setTimeout: pause } = require('node:timers/promises');
// All processes of a machine have it; that of an engine may begin with its process.
const { time: clock } = require('../../lib/native/clock.js');
const { PROXIES } = require('./fleet-lines.js');
const { Access, TOPOLOGIES } = require('./fleet-topologies.js');
const { withProcesses } = require('./processes.js');
const { randomFrom } = require('./seeded-random.js');
const { beside } = require('./servers.js');
const { withFolder } = require('./store-folders.js');

const KEYS = ['a', 'b', 'c', 'd'];
const PROCESSES = 2;
const MAX_STALE_MS = 300;
/** How long a thread of a busy machine may be late: what is older is old for another reason. */
const SLACK_MS = 250;
const LONGEST_MS = 800;
/** By kind of fleet: where masters change, who asks the wrong one asks again. */
const TIMEOUT_MS = { server: 60_000, sentinel: 2000, cluster: 2000, namespaces: 2000 };
/**
 * How long after a failover a client may ask the one that was a master. What that says is not to be
 * kept near, nor to be believed: what a client does is not ours to judge.
 */
const SETTLE_MS = 10_000;

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

/** What the nemesis does to processes of a machine, or to the server; each takes some time. */
const EVENTS = {
  killProcess: ({ machine, draw }) => machine.replace(draw(PROCESSES)),
  stopProcess: async ({ machine, draw, waitMs }) => {
    const { child } = machine.running[draw(PROCESSES)];
    child.kill('SIGSTOP');
    await pause(waitMs);
    child.kill('SIGCONT');
  },
  stopServer: async ({ fleet, draw, waitMs }) => {
    const masters = fleet.masters();
    const server = masters[draw(masters.length)];
    process.kill(server.pid, 'SIGSTOP');
    await pause(waitMs);
    process.kill(server.pid, 'SIGCONT');
  },
  killClients: ({ fleet }) => everywhere(fleet, 'client', 'kill', 'type', 'normal'),
  flush: ({ writer }) => writer.flush(),
};

function everywhere(fleet, ...words) {
  return Promise.all(fleet.masters().map(({ port }) => beside('-p', `${port}`, ...words)));
}

/** Processes of a machine that read all the time. */
function machineOf(start, place, options, line) {
  const reads = [];
  const begin = () => {
    const one = start('fleet.live', { place, options, keys: KEYS }, line.within);
    one.child.on('message', ({ word, detail }) => word === 'reads' && reads.push(...detail));
    return one;
  };
  const running = Array.from({ length: PROCESSES }, begin);
  const replace = async (index) => {
    await running[index].end('SIGKILL');
    running[index] = begin();
  };
  return { line, reads, running, replace };
}

/** Writes rising numbers to all keys, one after another, and flushes when it is asked to. */
function writerOf(access, fleet) {
  const written = new Written();
  let [isOver, count] = [false, 0];
  /** @type {(() => void) | undefined} */
  let flushed;
  /** While somebody wants that nothing is written. */
  let still = Promise.resolve();
  let isStill = () => {};
  const flushNow = async () => {
    const done = KEYS.map((key) => written.begin(key, undefined));
    await everywhere(fleet, 'flushall');
    for (const told of done) told();
    flushed?.();
    flushed = undefined;
  };
  const write = (key) => {
    count += 1;
    const done = written.begin(key, count);
    // Whether it was done is not known when its connection was killed.
    return access.store.set(key, count).then(done, (error) => access.failed(error));
  };
  const running = (async () => {
    while (!isOver || flushed !== undefined) {
      if (flushed !== undefined) await flushNow();
      isStill();
      await still;
      await write(KEYS[count % KEYS.length]);
      await pause(1);
    }
    // What is not there is not near, either.
    for (const key of KEYS) {
      while (!(await access.store.has(key).catch(() => false))) await write(key);
    }
  })();
  const flush = () => {
    return new Promise((resolve) => {
      flushed = resolve;
    });
  };
  const withoutWrites = async (body) => {
    const quiet = new Promise((resolve) => {
      isStill = resolve;
    });
    let goOn;
    still = new Promise((resolve) => {
      goOn = resolve;
    });
    try {
      await quiet;
      return await body();
    } finally {
      goOn();
    }
  };
  const end = () => {
    isOver = true;
    return running;
  };
  return { written, flush, withoutWrites, end };
}

/** What a client may have asked of one that was a master is no read of the store's. */
function judged(reads, unsettled) {
  const isIn = ({ beginMs, endMs }) => {
    return unsettled.some((window) => endMs >= window.beginMs && beginMs <= window.endMs);
  };
  return reads.filter((read) => !(read.isFar && isIn(read)));
}

/** Draws events, one after another; gives the times in which masters changed. */
async function play(events, { machines, fleet, writer, draw, say }) {
  const unsettled = [];
  const { events: lineEvents } = fleet.lines ?? PROXIES;
  const all = { ...lineEvents, ...EVENTS, ...fleet.events };
  for (let event = 0; event < events; event += 1) {
    const names = Object.keys(all);
    const what = names[draw(names.length)];
    const machine = machines[draw(machines.length)];
    say(`${event}: ${what} ${machines.indexOf(machine)}`);
    const waitMs = draw(LONGEST_MS);
    const beginMs = clock();
    await all[what]({ machine, line: machine.line, fleet, writer, draw, waitMs });
    if (fleet.unsettles?.includes(what)) unsettled.push({ beginMs, endMs: clock() + SETTLE_MS });
    await pause(draw(200));
  }
  return unsettled;
}

/**
 * Runs so many events; what is wrong with the reads, and how many there were of all.
 *
 * @param {{ seed: number, events: number, kind?: string, say?: (text: string) => void }} how
 */
async function runChaos({ seed, events, kind = 'server', say = () => {} }) {
  const draw = randomFrom(seed);
  const fleet = await TOPOLOGIES[kind]();
  const options = { name: `chaos-${process.pid}`, timeout: TIMEOUT_MS[kind] };
  const access = await Access.to(fleet.place({}), options);
  const ports = fleet.all.map(({ port }) => port);
  const withMachine = (start, body) => {
    return withFolder((path) => {
      return (fleet.lines ?? PROXIES).withLine(ports, (line) => {
        const near = { scope: 'machine', path, maxStaleMs: MAX_STALE_MS };
        return body(machineOf(start, fleet.place(line.map), { ...options, near }, line));
      });
    });
  };
  let result;
  try {
    await withProcesses((start) => {
      return withMachine(start, (first) => {
        return withMachine(start, async (second) => {
          const machines = [first, second];
          const writer = writerOf(access, fleet);
          const all = () => machines.flatMap(({ running }) => running);
          await Promise.all(all().map((one) => one.said('reads')));
          const unsettled = await play(events, { machines, fleet, writer, draw, say });
          await writer.end();
          for (const one of all()) one.tell('rest');
          const atRest = await Promise.all(all().map((one) => one.result));
          const reads = machines.map((machine) => judged(machine.reads, unsettled));
          const wrong = reads.flatMap((some) => judge(some, writer.written));
          const unequal = atRest.flat().filter(({ near, fresh }) => near !== fresh);
          result = { wrong: [...wrong, ...unequal], reads: reads.flat().length };
        });
      });
    });
  } finally {
    await access.close();
    fleet.stop();
  }
  return result;
}

module.exports = { runChaos };
