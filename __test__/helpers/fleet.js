/**
 * Stores of a fleet for tests: each with a name of its own at the server of this process.
 *
 * Must not know what is tested. Invariant: what a test opens is closed with it.
 */
const { test } = require('node:test');
const { createClient } = require('redis');
const { FleetStore } = require('shared-memory-store/fleet');
const { missing, sharedServer } = require('./servers.js');
const { SLOW } = require('./test-timeout.js');

/** How long a server may take that runs beside many other tests. */
const PATIENCE_MS = 60_000;

let count = 0;

function freshName() {
  count += 1;
  return `test-${process.pid}-${count}`;
}

/**
 * A test of `body(open)`, where `open(options)` gives a store: of the same name each time, unless
 * options say another.
 */
function fleetTest(name, body) {
  test(name, { ...SLOW, skip: missing }, async () => {
    const opened = [];
    const fleet = freshName();
    const open = (options = {}) => {
      const place = options.client === undefined ? { url: sharedServer().url } : {};
      const store = new FleetStore({ name: fleet, timeout: PATIENCE_MS, ...place, ...options });
      opened.push(store);
      return store;
    };
    try {
      await body(open);
    } finally {
      for (const store of opened) await store.close();
    }
  });
}

/** Runs `body(client)` with a client of the server, for what a store does not say. */
async function withClient(body, url = sharedServer().url) {
  const client = createClient({ url });
  await client.connect();
  try {
    return await body(client);
  } finally {
    await client.close();
  }
}

const BYTES = { 36: Buffer };

/** A carrier over a client: `about(send, words)` sends, and gives the answer. */
function carrierOf(client, about) {
  const send = (words) => about(() => client.sendCommand(words, { typeMapping: BYTES }), words);
  return { send, masters: async () => [send], connect: async () => {}, close() {} };
}

/** The name of the claim of key `a`. */
function claimOf({ name }) {
  return `${name}{a}c`;
}

module.exports = { PATIENCE_MS, carrierOf, claimOf, fleetTest, withClient };
