/**
 * The class of socket.io that knows what servers tell each other, with channels that carry it.
 *
 * Invariant: socket.io is loaded when an adapter is made, and not before; nothing is sent or heard
 * once an adapter is closed.
 */
'use strict';

const { pack, unpack } = require('./wire.js');

/** @typedef {InstanceType<typeof import('./shared-use.js').SharedUse>} SharedUse */
/** @typedef {{ heartbeatInterval: number, heartbeatTimeout: number }} Heartbeat */
/** @typedef {[from: string, packed: import('./wire.js').Packed]} Letter */
/** @typedef {{ name: string }} Namespace */
/**
 * What the class of socket.io has.
 *
 * @typedef {{
 *   uid: string,
 *   nsp: Namespace,
 *   onMessage(message: unknown): void,
 *   onResponse(message: unknown): void,
 *   close(): unknown,
 * }} Base
 */

/** The number that socket.io gives a message which only goes on to clients. */
const BROADCAST = 3;

/** @type {ReturnType<typeof makeClass> | undefined} */
let known;

function adapterClass() {
  known ??= makeClass();
  return known;
}

function makeClass() {
  // @ts-expect-error: a part of socket.io, which only who calls this needs
  const peer = require('socket.io-adapter');
  /** @type {new (namespace: Namespace, heartbeat: Heartbeat) => Base} */
  const Base = peer.ClusterAdapterWithHeartbeat;

  return class SharedMemoryAdapter extends Base {
    #shared;
    #channels;
    /** @type {InstanceType<typeof import('../../core/listening.js').Listening>[]} */
    #listenings = [];
    #hasJoined = true;
    #isOpen = false;

    /** @param {Namespace} namespace @param {SharedUse} shared @param {Heartbeat} heartbeat */
    constructor(namespace, shared, heartbeat) {
      const channels = shared.join();
      super(namespace, heartbeat);
      this.#shared = shared;
      this.#channels = channels;
      try {
        this.#hear(namespace.name, (message) => this.onMessage(message));
        this.#hear(this.#answersTo(this.uid), (message) => this.onResponse(message));
        this.#isOpen = true;
      } catch (error) {
        this.close();
        throw error;
      }
    }

    /** @param {unknown} message */
    async doPublish(message) {
      await this.#send(this.nsp.name, message);
      // Clients that come back get nothing of what they missed, so no message has an offset.
      return '';
    }

    /** @param {string} server @param {unknown} response */
    async doPublishResponse(server, response) {
      await this.#send(this.#answersTo(server), response);
    }

    /** @override */
    async close() {
      if (!this.#hasJoined) return;
      this.#hasJoined = false;
      super.close();
      this.#isOpen = false;
      for (const listening of this.#listenings) listening.stop();
      await this.#shared.leave();
    }

    /** @param {string} channel @param {(message: unknown) => void} tell */
    #hear(channel, tell) {
      const listening = this.#channels.subscribe(channel, {
        hear: ([from, packed]) => {
          if (from !== this.uid) this.#heard(packed, tell);
        },
        miss: (reason) => this.#shared.missed.say(reason),
      });
      this.#listenings.push(listening);
    }

    /**
     * What clients wrote must not end the servers that hear it, however odd it is; what a server's
     * own listeners throw is the process's affair, as in socket.io.
     *
     * @param {import('./wire.js').Packed} packed
     * @param {(message: unknown) => void} tell
     */
    #heard(packed, tell) {
      let message;
      try {
        message = unpack(packed);
        if (message?.type === BROADCAST) return tell(message);
      } catch (error) {
        return this.#shared.missed.tell(error);
      }
      return tell(message);
    }

    /** @param {string} channel @param {unknown} message */
    async #send(channel, message) {
      if (!this.#isOpen) return;
      try {
        await this.#channels.publish(channel, [this.uid, pack(message)]);
      } catch (error) {
        this.#shared.unsent.tell(error);
        throw error;
      }
    }

    /** @param {string} server */
    #answersTo(server) {
      return `${this.nsp.name}#${server}`;
    }
  };
}

module.exports = { adapterClass };
