/**
 * A client of a store's own: connected when it is needed, again after it was lost.
 *
 * Nothing reconnects in the background, so what a server that is away costs is one attempt for
 * those who ask meanwhile. Invariant: it keeps the process alive only while it is connecting or
 * somebody waits for an answer.
 */
'use strict';

const { clientMissing } = require('../../errors/fleet-errors.js');
const { AS_BYTES } = require('./carriers.js');

/**
 * Without a limit of the client's own, for which it makes an abort signal a command: whoever sends
 * has a limit for the whole step, and nothing waits here before it is sent.
 */
const HOW = Object.freeze({ ...AS_BYTES, timeout: 0 });

/** @typedef {import('./carriers.js').Carrier} Carrier */
/** @typedef {import('./carriers.js').Command} Command */

/** @implements {Carrier} */
class OwnClient {
  #url;
  #timeoutMs;
  /** @type {any} */
  #client;
  /** @type {Promise<void> | undefined} */
  #connecting;
  #waiting = 0;
  #isClosed = false;

  /**
   * @param {string} url
   * @param {number} timeoutMs
   */
  constructor(url, timeoutMs) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
  }

  /** @param {Command} command */
  async send(command) {
    const client = this.#client;
    this.#waiting += 1;
    if (this.#waiting === 1) client.ref();
    try {
      return await client.sendCommand(command, HOW);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0) client.unref();
    }
  }

  async masters() {
    return [(/** @type {Command} */ command) => this.send(command)];
  }

  get isReady() {
    return this.#client?.isReady === true;
  }

  /** @returns {Promise<void>} */
  connect() {
    if (this.#client?.isReady) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /** Those who wait for an answer get it. */
  close() {
    this.#isClosed = true;
    const client = this.#client;
    if (!client?.isReady) return end(client);
    client.close().catch(() => end(client));
  }

  async #connect() {
    end(this.#client);
    const client = redis().createClient({
      url: this.#url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: this.#timeoutMs },
    });
    // What it tells the one who waits for it is enough.
    client.on('error', () => {});
    this.#client = client;
    await client.connect();
    if (this.#isClosed) return end(client);
    client.unref();
  }
}

/** @param {any} client */
function end(client) {
  // One that was never opened, or is closed already, says so.
  if (client?.isOpen) client.destroy();
}

/** Loaded with the first store that needs it. */
function redis() {
  try {
    return require('redis');
  } catch (cause) {
    throw clientMissing(cause);
  }
}

module.exports = { OwnClient };
