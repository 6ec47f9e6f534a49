/**
 * Two adapters of socket.io over one store, where one hears what it cannot hand on. The argument is
 * a folder for the store, and for what stands in for the package of socket.io: `NODE_PATH` says so.
 *
 * Prints what was heard after that, and what a listener has thrown.
 */
const { mkdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');

const PEER = `
exports.ClusterAdapterWithHeartbeat = class {
  constructor(nsp) {
    this.nsp = nsp;
    this.uid = String(Math.random());
  }
  close() {}
  onMessage({ type, text }) {
    if (type === 3 && text === 'deep') throw new RangeError('too deep');
    if (type !== 3) throw new Error(text);
    console.log(text);
  }
};
`;

const folder = process.argv[2];
const peer = path.join(folder, 'socket.io-adapter');
mkdirSync(peer, { recursive: true });
writeFileSync(path.join(peer, 'index.js'), PEER);

const createAdapter = require('shared-memory-store/socket.io');
const options = { name: 'sockets', path: folder, maxBytes: 2 ** 20 };
const [one, two] = [1, 2].map(() => createAdapter(options)({ name: '/' }));
const running = setInterval(() => {}, 1000);
process.on('uncaughtException', async ({ message }) => {
  console.log(message);
  await one.close();
  await two.close();
  clearInterval(running);
});
one.doPublish({ type: 3, text: 'deep' });
one.doPublish({ type: 3, text: 'after' });
one.doPublish({ type: 8, text: "a listener's own error" });
