/**
 * What lies between a machine of chaos and the servers: proxies, or a network of its own.
 *
 * Must not know what is judged. A network is made of namespaces within another one that ends with
 * its last process, so nothing of the host's changes. Invariant: what an event has done to a line
 * is undone when it is over.
 */
const { spawn, spawnSync } = require('node:child_process');
const { once } = require('node:events');
const { setTimeout: pause } = require('node:timers/promises');
const { Kind, withProxies } = require('./fleet-proxy.js');

/** Says that a process is within networks that may be changed. */
const INSIDE = 'FLEET_NAMESPACE';
/** What makes them: names of networks, mounts and processes that nobody outside sees. */
const UNSHARE = ['--net', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child'];
/** Where `ip netns` keeps names: of this namespace alone, too. */
const NAMES = 'mount -t tmpfs none /run && mkdir /run/netns && ip link set lo up && exec "$0" "$@"';
const PROBE = 'ip link add hub type bridge && ip netns add m0 && nsenter --net=/run/netns/m0 true';
const HUB = '10.9.0.1';
/** The first address of a machine behind that. */
const FIRST = 11;
/** Some packets a second: many wait, and none is lost at once. */
const SLOW = ['tbf', 'rate', '48kbit', 'burst', '1600', 'latency', '1s'];
/** Longer than a listener may be silent, and than a command may take. */
const LONG = { leastMs: 1000, factor: 4 };

/** Runs a program of the system. */
function run(program, ...words) {
  const { status, stderr, error } = spawnSync(program, words, { encoding: 'utf8' });
  if (status !== 0) throw error ?? new Error(`${program} ${words.join(' ')}: ${stderr}`);
}

const ip = (words) => run('ip', ...words.split(' '));

/** Why there are no namespaces here, or `false`: root, `ip` and `unshare` are needed. */
function missingNamespaces() {
  const words = [...UNSHARE, 'sh', '-c', NAMES, 'sh', '-c', PROBE];
  const { status, stderr, error } = spawnSync('unshare', words, { encoding: 'utf8' });
  if (status === 0) return false;
  return `no network namespaces: ${error?.message ?? stderr.trim()}`;
}

/** Runs a program of this engine in a network of its own: what it wrote, and how it ended. */
async function runInside(file, args, stdio = 'pipe') {
  const words = [...UNSHARE, 'sh', '-c', NAMES, process.execPath, file, ...args];
  const env = { ...process.env, [INSIDE]: '1' };
  delete env.NODE_TEST_CONTEXT;
  const child = spawn('unshare', words, { env, stdio: ['pipe', stdio, 'inherit'] });
  let told = '';
  child.stdout?.on('data', (chunk) => {
    told += chunk;
  });
  const [code] = await once(child, 'close');
  return { told, code };
}

/**
 * Ends a program that runs so when the one that has started it has ended, however that was. It is
 * the first of its processes, so the others end with it, and then there is no network any more.
 */
function endWithStarter() {
  process.stdin.on('end', () => process.exit(1)).resume();
  process.stdin.unref?.();
}

async function held(proxy, kind, waitMs) {
  proxy.hold(kind);
  await pause(waitMs);
  proxy.release();
}

/** Machines of one network behind proxies of their own. */
const PROXIES = {
  events: {
    delayListener: ({ line, waitMs }) => held(line, Kind.LISTENER, waitMs),
    delayAnswers: ({ line, waitMs }) => held(line, Kind.DATA, waitMs),
    loseWhatWasSaid: async ({ line, waitMs }) => {
      line.hold(Kind.LISTENER);
      await pause(waitMs);
      line.drop(Kind.LISTENER);
      line.release();
    },
    dropListener: ({ line }) => line.drop(Kind.LISTENER),
    dropAnswers: ({ line }) => line.drop(Kind.DATA),
  },
  withLine: (ports, body) => withProxies(ports, body),
};

/** Does something for a time, and undoes it. */
async function during(ms, begin, end) {
  begin();
  try {
    await pause(ms);
  } finally {
    end();
  }
}

const longer = (ms) => LONG.leastMs + ms * LONG.factor;
const cut = ({ port }, ms) => {
  const set = (state) => run('bridge', 'link', 'set', 'dev', port, 'state', state);
  return during(
    ms,
    () => set('0'),
    () => set('3'),
  );
};
/** Nothing goes out by a way on which it is thrown away. */
const lose = (within, address, ms) => {
  return during(
    ms,
    () => ip(`${within}route add blackhole ${address}/32`),
    () => ip(`${within}route del blackhole ${address}/32`),
  );
};

/** Machines with a network each, which a bridge connects. */
const NETWORKS = {
  events: {
    cut: ({ line, waitMs }) => cut(line, waitMs),
    cutForLong: ({ line, waitMs }) => cut(line, longer(waitMs)),
    /** What is asked is heard; what is answered, and told, is lost. */
    loseAnswers: ({ line, waitMs }) => lose('', line.address, longer(waitMs)),
    /** What is told still comes. */
    loseQuestions: ({ line, waitMs }) => lose(`-n ${line.name} `, HUB, longer(waitMs)),
    /** Each call is told at once that there is no way. */
    pull: ({ line: { name }, waitMs }) => {
      return during(
        waitMs,
        () => ip(`-n ${name} link set eth0 down`),
        () => ip(`-n ${name} link set eth0 up`),
      );
    },
    slow: ({ line: { port }, waitMs }) => {
      return during(
        longer(waitMs),
        () => run('tc', 'qdisc', 'add', 'dev', port, 'root', ...SLOW),
        () => run('tc', 'qdisc', 'del', 'dev', port, 'root'),
      );
    },
  },
  withLine: async (_ports, body) => {
    count += 1;
    const [name, port, address] = [`m${count}`, `port${count}`, `10.9.0.${FIRST + count}`];
    ip(`netns add ${name}`);
    try {
      ip(`link add ${port} type veth peer name eth0 netns ${name}`);
      ip(`link set ${port} master hub up`);
      ip(`-n ${name} addr add ${address}/24 dev eth0`);
      ip(`-n ${name} link set eth0 up`);
      const within = ['nsenter', `--net=/run/netns/${name}`];
      return await body({ map: {}, name, port, address, within });
    } finally {
      ip(`netns del ${name}`);
    }
  },
};

let count = 0;

/** The middle of the networks, where servers are; gives what takes it away. */
function openHub() {
  if (process.env[INSIDE] === undefined) throw new Error('Not within a network of its own');
  ip('link add hub type bridge');
  ip(`addr add ${HUB}/24 dev hub`);
  ip('link set hub up');
  return () => ip('link del hub');
}

const isInside = process.env[INSIDE] !== undefined;

module.exports = {
  HUB,
  NETWORKS,
  PROXIES,
  endWithStarter,
  isInside,
  missingNamespaces,
  openHub,
  runInside,
};
