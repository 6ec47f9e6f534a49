/**
 * What carries commands to the servers: the four kinds of clients of the package `redis`.
 *
 * Knows commands as lists of words, no store. A carrier has four functions, so that other clients
 * can be made one. Invariant: bytes come back as they are, as a `Buffer`.
 */
'use strict';

const { optionsOf } = require('./address.js');
const { Lane } = require('./sentinel-lane.js');

/** As the package calls strings that may be bytes. */
const BLOB_STRING = 36;
const AS_BYTES = Object.freeze({ typeMapping: Object.freeze({ [BLOB_STRING]: Buffer }) });

/** @typedef {(string | Buffer)[]} Command */
/** @typedef {(command: Command) => Promise<unknown>} Send */

/**
 * @typedef {object} Carrier
 * @property {(command: Command, key: string | undefined) => Promise<unknown>} send to the master
 *   of the slot of a key, or to any master
 * @property {() => Promise<Send[]>} masters what sends to each of them
 * @property {() => Promise<void>} connect comes when commands can be sent; rejects if not
 * @property {boolean} [isReady] whether commands can be sent at once, without `connect`
 * @property {number} [heard] rises with whatever its servers say
 * @property {(heard: number) => void} [late] told when no answer came in time, and how much was
 *   heard before that was sent
 * @property {() => void} close
 */

/**
 * Whether a client sends each command over any of several connections, so that no server can be
 * asked about the one before.
 *
 * @param {any} client
 */
function isPool(client) {
  if (typeof client?.totalClients === 'number') return true;
  if (typeof client?.getSentinelNode !== 'function') return false;
  const { masterPoolSize = 1, reserveClient = false } = optionsOf(client) ?? {};
  return masterPoolSize > 1 && !reserveClient;
}

/** A client that its owner connects and closes. @implements {Carrier} */
class GivenClient {
  #client;

  /** @param {any} client */
  constructor(client) {
    this.#client = client;
  }

  /**
   * @param {Command} command
   * @param {string} [_key]
   * @returns {Promise<unknown>}
   */
  send(command, _key) {
    return this.#client.sendCommand(command, AS_BYTES);
  }

  async masters() {
    return [(/** @type {Command} */ command) => this.send(command)];
  }

  async connect() {
    // Its owner does, before or after.
  }

  close() {
    // Its owner does.
  }
}

/** @implements {Carrier} */
class GivenSentinel extends GivenClient {
  #lane;
  #how;

  /** @param {any} client */
  constructor(client) {
    super(client);
    this.#lane = Lane.of(client);
    this.#how = { ...client.commandOptions, ...AS_BYTES };
  }

  /** @override @param {Command} command */
  send(command) {
    return this.#lane.run((node) => node.sendCommand(command, this.#how));
  }
}

/** @implements {Carrier} */
class GivenCluster extends GivenClient {
  #client;

  /** @param {any} client */
  constructor(client) {
    super(client);
    this.#client = client;
  }

  /** @override @param {Command} command @param {string} [key] */
  send(command, key) {
    return this.#client.sendCommand(key, false, command, AS_BYTES);
  }

  /** @override */
  async masters() {
    const nodes = await Promise.all(
      this.#client.masters.map((/** @type {any} */ master) => this.#client.nodeClient(master)),
    );
    return nodes.map((node) => (/** @type {Command} */ command) => {
      return node.sendCommand(command, AS_BYTES);
    });
  }
}

/**
 * The carrier that a client is, or that is made of it; `undefined` for what is no client.
 *
 * @param {any} client
 * @returns {Carrier | undefined}
 */
function carrierOf(client) {
  if (typeof client !== 'object' || client === null) return undefined;
  if (typeof client.send === 'function' && typeof client.masters === 'function') return client;
  if (typeof client.sendCommand !== 'function') return undefined;
  // One of ioredis, whose commands are objects: it has to be made a carrier.
  if (typeof client.callBuffer === 'function') return undefined;
  if (typeof client.getSlotMaster === 'function') return new GivenCluster(client);
  if (typeof client.getSentinelNode === 'function') {
    // Without that it would send again what may have been done.
    return typeof client._execute === 'function' ? new GivenSentinel(client) : undefined;
  }
  return new GivenClient(client);
}

module.exports = { AS_BYTES, carrierOf, isPool };
