/**
 * A client of a store's own: connected when it is needed, again after it was lost or fell silent.
 *
 * Nothing reconnects in the background, so what a server that is away costs is one attempt for
 * those who ask meanwhile. Invariant: it keeps the process alive only while it is connecting or
 * somebody waits for an answer, and neither lasts for ever.
 */
'use strict';

const { setImmediate: turn } = require('node:timers/promises');
const { startTimer, stopTimer } = require('../../native/timers.js');
const { clientMissing } = require('../../errors/fleet-errors.js');
const { AS_BYTES } = require('./carriers.js');
const { Deadlines } = require('./deadlines.js');

/**
 * Without a limit of the client's own, for which it makes an abort signal a command: whoever sends
 * has a limit for the whole step and says what was late, and nothing waits here before it is sent.
 */
const HOW = Object.freeze({ ...AS_BYTES, timeout: 0 });

/** @typedef {import('./carriers.js').Carrier} Carrier */
/** @typedef {import('./carriers.js').Command} Command */

/** @implements {Carrier} */
class OwnClient {
  /** Rises with each answer and each connection. */
  heard = 0;
  #url;
  #timeoutMs;
  #connects;
  /** @type {any} */
  #client;
  /** @type {Promise<void> | undefined} */
  #connecting;
  /** Whether the connection is given up, until that is known. @type {Promise<void> | undefined} */
  #doubting;
  #waiting = 0;
  #isClosed = false;
  /** Of the next look whether it is silent; of its end, once it is closed. */
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {string} url
   * @param {number} timeoutMs
   */
  constructor(url, timeoutMs) {
    this.#url = url;
    this.#timeoutMs = timeoutMs;
    this.#connects = new Deadlines(timeoutMs);
  }

  /** @param {Command} command */
  async send(command) {
    const client = this.#client;
    this.#waiting += 1;
    if (this.#waiting === 1) client.ref();
    try {
      return await client.sendCommand(command, HOW);
    } finally {
      this.heard += 1;
      this.#waiting -= 1;
      if (this.#waiting === 0) this.#rest(client);
    }
  }

  async masters() {
    return [(/** @type {Command} */ command) => this.send(command)];
  }

  get isReady() {
    return this.#client?.isReady === true && this.#doubting === undefined;
  }

  /** @returns {Promise<void>} */
  connect() {
    if (this.isReady) return Promise.resolve();
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * No answer came in time. If there was none to anybody, the connection is given up: one that a
   * network has forgotten says nothing any more, and is not closed, either.
   *
   * @param {number} heard how much was when it was sent
   */
  late(heard) {
    if (this.#waiting === 0 || !this.isReady) return;
    if (this.heard === heard) {
      this.#doubting = this.#doubt(heard).finally(() => {
        this.#doubting = undefined;
      });
    } else if (this.#timer === undefined) {
      // It may have fallen silent since, and nobody else may ask.
      const now = this.heard;
      this.#timer = startTimer(() => {
        this.#timer = undefined;
        this.late(now);
      }, this.#timeoutMs);
    }
  }

  /** Those who wait for an answer get it, if it comes in time. */
  close() {
    this.#isClosed = true;
    this.#connects.close();
    this.#stop();
    const client = this.#client;
    if (!client?.isReady || this.#waiting === 0) return end(client);
    this.#timer = startTimer(() => end(client), this.#timeoutMs);
  }

  /** @param {any} client of which nobody waits for anything */
  #rest(client) {
    this.#stop();
    if (this.#isClosed) end(client);
    else client.unref();
  }

  #stop() {
    stopTimer(this.#timer);
    this.#timer = undefined;
  }

  /** @param {number} heard */
  async #doubt(heard) {
    const client = this.#client;
    // What came while this thread was busy is read before the second of these.
    await turn();
    await turn();
    if (this.heard === heard) end(client);
  }

  async #connect() {
    await this.#doubting;
    if (this.#client?.isReady) return;
    end(this.#client);
    const client = redis().createClient({
      url: this.#url,
      disableOfflineQueue: true,
      socket: { reconnectStrategy: false, connectTimeout: this.#timeoutMs },
    });
    // What it tells the one who waits for it is enough.
    client.on('error', () => {});
    this.#client = client;
    // Its own limit is for the first step: a server that accepts may say nothing.
    await this.#connects.limit(client.connect(), () => {
      end(client);
      return new Error(`no connection within ${this.#timeoutMs} ms`);
    });
    this.heard += 1;
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
