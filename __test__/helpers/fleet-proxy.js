/**
 * A proxy before a server: it cuts, holds back, splits and drops what goes through.
 *
 * Must not know a store. It tells listeners from others by what they ask for. Invariant: what it
 * passes on is what was said, in order.
 */
const net = require('node:net');

/** Which connections: those that listen, or those that carry commands. */
const Kind = Object.freeze({ LISTENER: 'listener', DATA: 'data' });

/**
 * Runs `body(proxy)` with a proxy before the server at a port.
 *
 * @param {number} port
 * @param {(proxy: {
 *   url: string,
 *   cut: () => void,
 *   hold: (kind: string) => void,
 *   holdThose: (kind: string) => void,
 *   release: () => void,
 *   heldBytes: () => number,
 *   drop: (kind: string) => number,
 * }) => Promise<void>} body
 * @param {(length: number) => number} [pieceOf] how much of what a server says goes at once
 * @param {number} [lateMs] how long what it is asked is on its way
 */
async function withProxy(port, body, pieceOf = (length) => length, lateMs = 0) {
  const links = new Set();
  let isCut = false;
  const held = new Set();
  const send = (link, chunk) => {
    for (let at = 0; at < chunk.length; ) {
      const end = at + Math.max(1, pieceOf(chunk.length - at));
      link.socket.write(chunk.subarray(at, end));
      at = end;
    }
  };
  const server = net.createServer((socket) => {
    const onward = net.connect({ port, host: '127.0.0.1' });
    const link = { socket, onward, kind: Kind.DATA, isHeld: false, waiting: [] };
    socket.setNoDelay(true);
    links.add(link);
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ]) {
      from.on('error', () => {});
      from.on('close', () => {
        to.destroy();
        links.delete(link);
      });
    }
    socket.on('data', (chunk) => {
      if (chunk.includes('TRACKING')) link.kind = Kind.LISTENER;
      if (isCut) return;
      if (lateMs === 0) onward.write(chunk);
      else setTimeout(() => onward.write(chunk), lateMs);
    });
    onward.on('data', (chunk) => {
      if (isCut) return;
      if (link.isHeld || held.has(link.kind)) link.waiting.push(chunk);
      else send(link, chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const of = (kind) => [...links].filter((link) => link.kind === kind);
  try {
    await body({
      url: `redis://127.0.0.1:${server.address().port}`,
      /** From now on nothing is said, and nothing closed. */
      cut: () => {
        isCut = true;
      },
      /** Keeps back what the server says on such connections. */
      hold: (kind) => {
        held.add(kind);
      },
      /** The same on those that there are now. */
      holdThose: (kind) => {
        for (const link of of(kind)) link.isHeld = true;
      },
      release: () => {
        held.clear();
        for (const link of links) {
          link.isHeld = false;
          for (const chunk of link.waiting.splice(0)) send(link, chunk);
        }
      },
      heldBytes: () => [...links].flatMap(({ waiting }) => waiting).reduce(sum, 0),
      /** Closes such connections; how many. */
      drop: (kind) => {
        const dropped = of(kind);
        for (const { socket } of dropped) socket.destroy();
        return dropped.length;
      },
    });
  } finally {
    for (const { socket, onward } of links) {
      socket.destroy();
      onward.destroy();
    }
    server.close();
  }
}

/**
 * Runs `body(proxy)` with proxies before servers at several ports, which do all at once what one
 * does; `map` says which port leads to which.
 *
 * @param {number[]} ports
 */
async function withProxies(ports, body) {
  const all = [];
  const map = {};
  const open = async ([port, ...others]) => {
    if (port !== undefined) {
      return withProxy(port, (proxy) => {
        all.push(proxy);
        map[port] = Number(new URL(proxy.url).port);
        return open(others);
      });
    }
    return body({
      map,
      hold: (kind) => all.map((proxy) => proxy.hold(kind)),
      release: () => all.map((proxy) => proxy.release()),
      drop: (kind) => all.map((proxy) => proxy.drop(kind)).reduce((one, two) => one + two, 0),
    });
  };
  return open(ports);
}

const sum = (bytes, chunk) => bytes + chunk.length;

module.exports = { Kind, withProxies, withProxy };
