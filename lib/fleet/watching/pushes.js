/**
 * A connection on which a server says unasked what changes, and what is published.
 *
 * Made when somebody wants it, again after it was lost, and ended when nobody does. Knows no
 * listener and no value. Invariant: who is told that it stands is told of everything from then on,
 * until it is told that it was lost.
 */
'use strict';

const errors = require('../../errors/fleet-errors.js');
const { storeClosed } = require('../../errors/errors.js');
const { outside, startTimer, stopTimer } = require('../../native/timers.js');
const { command, connect, greetingOf } = require('../connection/wire.js');
const { Push, Reader, Refusal } = require('../near/reader.js');

/** Waits before the next connection: the first, and the longest. */
const FIRST_WAIT_MS = 20;
const LONGEST_WAIT_MS = 2000;
/** So often a server is asked whether it is there still. */
const BEAT_MS = 2000;
const NOT_ALLOWED = /^(?:WRONGPASS|NOAUTH|NOPERM)/;

/** @typedef {import('../connection/address.js').Address} Address */
/** @typedef {{ resolve: (answer: any) => void, reject: (reason: unknown) => void }} Asker */
/**
 * @typedef {object} Hooks
 * @property {(kind: string, parts: any[]) => void} heard
 * @property {() => void} restored it stands again: something may have been missed
 */

class Pushes {
  #address;
  #server;
  #prefix;
  #timeoutMs;
  #hooks;
  #isTracking = false;
  /** @type {Set<string>} */
  #channels = new Set();
  /** @type {import('node:net').Socket | undefined} */
  #socket;
  /** Comes when the connection stands. @type {Promise<void> | undefined} */
  #standing;
  /** Who waits for an answer, in order. @type {Asker[]} */
  #asked = [];
  #waitMs = FIRST_WAIT_MS;
  #wasUp = false;
  #keepers = 0;
  #isClosed = false;
  /** Of the next connection, or the next question. @type {NodeJS.Timeout | undefined} */
  #timer;

  /**
   * @param {Address} address
   * @param {string} prefix of the names whose changes are wanted
   * @param {{ server: string, timeoutMs: number }} how
   * @param {Hooks} hooks
   */
  constructor(address, prefix, { server, timeoutMs }, hooks) {
    this.#address = address;
    this.#prefix = prefix;
    this.#server = server;
    this.#timeoutMs = timeoutMs;
    this.#hooks = hooks;
  }

  /** Comes when changes are told. */
  async track() {
    const isNew = !this.#isTracking;
    this.#isTracking = true;
    await this.#stand(isNew ? [this.#tracking] : []);
  }

  /** @param {string} channel comes when its messages are told */
  async subscribe(channel) {
    const isNew = !this.#channels.has(channel);
    this.#channels.add(channel);
    await this.#stand(isNew ? [['SUBSCRIBE', channel]] : []);
  }

  /** @param {string} channel */
  unsubscribe(channel) {
    this.#channels.delete(channel);
    this.#socket?.write(command(['UNSUBSCRIBE', channel]));
    this.#rest();
  }

  untrack() {
    this.#isTracking = false;
    if (this.#channels.size > 0) this.#ask(['CLIENT', 'TRACKING', 'OFF']).catch(() => {});
    this.#rest();
  }

  /** @param {string[]} words of a command, while the connection stands */
  async ask(words) {
    this.keep(1);
    try {
      await this.#stand([]);
      return await this.#ask(words);
    } finally {
      this.keep(-1);
    }
  }

  /** @param {1 | -1} change of how many want the process to stay */
  keep(change) {
    this.#keepers += change;
    if (this.#keepers > 0) this.#socket?.ref();
    else this.#socket?.unref();
  }

  close() {
    this.#isClosed = true;
    this.#end(storeClosed('watch'));
  }

  get #tracking() {
    return ['CLIENT', 'TRACKING', 'ON', 'BCAST', 'PREFIX', this.#prefix];
  }

  get #isWanted() {
    return !this.#isClosed && (this.#isTracking || this.#channels.size > 0);
  }

  /** Nobody wants anything any more. */
  #rest() {
    if (!this.#isWanted) this.#end(storeClosed('watch'));
  }

  /**
   * Comes when the connection stands, and has been told this besides.
   *
   * @param {string[][]} more
   */
  async #stand(more) {
    if (this.#isClosed) throw storeClosed('watch');
    // Who waits for it holds the process.
    this.keep(1);
    try {
      if (this.#standing === undefined) {
        stopTimer(this.#timer);
        this.#open();
        await this.#standing;
        return;
      }
      await this.#standing;
      if (more.length > 0) await this.#tell(more);
    } finally {
      this.keep(-1);
    }
  }

  #open() {
    const standing = this.#greet();
    this.#standing = standing;
    standing.then(
      () => {
        this.#waitMs = FIRST_WAIT_MS;
        if (this.#wasUp) this.#hooks.restored();
        this.#wasUp = true;
        this.#beat();
      },
      (reason) => this.#lost(reason),
    );
  }

  /** Connects, and tells all that is wanted. */
  async #greet() {
    const { database } = this.#address;
    const socket = outside(() => connect(this.#address));
    this.#socket = socket;
    const reader = new Reader('latin1');
    socket.setNoDelay(true);
    if (this.#keepers === 0) socket.unref();
    socket.on('data', (chunk) => {
      try {
        for (const message of reader.read(chunk)) this.#take(message);
      } catch (error) {
        // It speaks something else.
        socket.destroy(/** @type {Error} */ (error));
      }
    });
    let reason = new Error('the connection was closed');
    socket.on('error', (error) => {
      reason = error;
    });
    socket.on('close', () => {
      if (socket === this.#socket) this.#lost(this.#told(reason));
    });
    const channels = [...this.#channels].map((channel) => ['SUBSCRIBE', channel]);
    const wanted = this.#isTracking ? [this.#tracking, ...channels] : channels;
    const select = database === 0 ? [] : [['SELECT', String(database)]];
    await this.#tell([greetingOf(this.#address), ...select, ...wanted]);
  }

  /**
   * Comes when the server has done all of this: a server answers in order.
   *
   * @param {string[][]} all
   */
  async #tell(all) {
    const answers = all.map((words) => {
      // What it says of that is a push.
      if (words[0] !== 'SUBSCRIBE') return this.#ask(words);
      this.#socket?.write(command(words));
      return undefined;
    });
    await Promise.all([...answers, this.#ask(['PING'])]);
  }

  /**
   * @param {string[]} words
   * @returns {Promise<any>}
   */
  #ask(words) {
    return new Promise((resolve, reject) => {
      const timer = startTimer(() => {
        const reason = errors.noAnswer(this.#server, this.#timeoutMs);
        reject(reason);
        this.#lost(reason);
      }, this.#timeoutMs);
      this.#asked.push({
        resolve: (answer) => {
          stopTimer(timer);
          resolve(answer);
        },
        reject: (reason) => {
          stopTimer(timer);
          reject(reason);
        },
      });
      this.#socket?.write(command(words));
    });
  }

  /** @param {unknown} message */
  #take(message) {
    if (message instanceof Push) {
      const [kind, ...parts] = message.parts;
      this.#hooks.heard(String(kind), parts);
      return;
    }
    const asker = this.#asked.shift();
    if (message instanceof Refusal) asker?.reject(this.#told(message));
    else asker?.resolve(message);
  }

  #beat() {
    stopTimer(this.#timer);
    this.#timer = startTimer(() => {
      this.#ask(['PING']).then(
        () => this.#beat(),
        () => {},
      );
    }, BEAT_MS);
  }

  /**
   * The connection is lost; the next is made a little later, if it is wanted.
   *
   * @param {unknown} reason
   */
  #lost(reason) {
    if (this.#socket === undefined) return;
    const isWanted = this.#wasUp && this.#isWanted;
    this.#end(reason);
    if (!isWanted) return;
    this.#wasUp = true;
    this.#timer = startTimer(() => {
      if (this.#isWanted && this.#standing === undefined) this.#open();
    }, this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, LONGEST_WAIT_MS);
  }

  /** @param {unknown} reason for those who wait */
  #end(reason) {
    stopTimer(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    this.#standing = undefined;
    this.#wasUp = false;
    socket?.destroy();
    for (const asker of this.#asked.splice(0)) asker.reject(reason);
  }

  /** @param {Error} error */
  #told(error) {
    if (error instanceof Refusal) {
      if (NOT_ALLOWED.test(error.message)) return errors.forbidden(this.#server, error);
      return errors.refused(this.#server, error);
    }
    return errors.unavailable(this.#server, errors.reasonOf(error), error);
  }
}

module.exports = { Pushes };
