/**
 * `createAdapter`: the servers of socket.io in all processes of a machine are one.
 *
 * The package of socket.io knows what servers tell each other; here it is carried. Invariant: what
 * could not be carried is told by a process warning, since socket.io itself says nothing of it.
 */
'use strict';

const { MAX_DELAY_MS } = require('../../../native/timers.js');
const options = require('../../../arguments/options.js');
const { adapt } = require('../../core/adapted.js');
const { Channels } = require('../../core/channels.js');
const { WarnOnce } = require('../../core/warn-once.js');
const { pack, unpack } = require('./wire.js');

const PREFIX = 'socket.io:';
/** As in socket.io's own cluster adapters. */
const HEARTBEAT = Object.freeze({ heartbeatInterval: 5000, heartbeatTimeout: 10_000 });

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

/**
 * For `io.adapter`, which makes one of these for each namespace.
 *
 * @param {Record<string, unknown>} [given]
 */
function createAdapter({
  heartbeatInterval = HEARTBEAT.heartbeatInterval,
  heartbeatTimeout = HEARTBEAT.heartbeatTimeout,
  ...rest
} = {}) {
  const heartbeat = {
    heartbeatInterval: delay(heartbeatInterval, 'option heartbeatInterval'),
    heartbeatTimeout: delay(heartbeatTimeout, 'option heartbeatTimeout'),
  };
  const shared = new Shared(rest);
  const ClusterAdapter = adapterClass();
  // No arrow function: it is called with `new`.
  return function adapterOf(/** @type {Namespace} */ namespace) {
    return new ClusterAdapter(namespace, shared, heartbeat);
  };
}

/** The store of a server's namespaces: open while one of them is. */
class Shared {
  unsent = new WarnOnce('Messages do not reach the other servers', 'SMS_SOCKET_UNSENT');
  missed = new WarnOnce('Messages of other servers are lost', 'SMS_SOCKET_MISSED');
  #given;
  #users = 0;
  /** @type {ReturnType<typeof adapt> | undefined} */
  #adapted;

  /** @param {object} given */
  constructor(given) {
    this.#given = given;
  }

  /** A use of the store, for `leave` to end. */
  join() {
    this.#adapted ??= adapt(this.#given, PREFIX);
    const channels = new Channels(this.#adapted);
    this.#users += 1;
    return channels;
  }

  leave() {
    this.#users -= 1;
    if (this.#users > 0) return undefined;
    const adapted = this.#adapted;
    this.#adapted = undefined;
    return adapted?.close();
  }
}

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
    /** @type {(() => void)[]} */
    #stops = [];
    #hasJoined = true;
    #isOpen = false;

    /** @param {Namespace} namespace @param {Shared} shared @param {Heartbeat} heartbeat */
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
      for (const stop of this.#stops) stop();
      await this.#shared.leave();
    }

    /** @param {string} channel @param {(message: unknown) => void} tell */
    #hear(channel, tell) {
      const stop = this.#channels.subscribe(channel, {
        hear: ([from, packed]) => {
          if (from !== this.uid) tell(unpack(packed));
        },
        miss: () => this.#shared.missed.tell('this process was too slow'),
      });
      this.#stops.push(stop);
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

/** @param {unknown} value @param {string} name */
function delay(value, name) {
  return options.whole(value, name, 1, MAX_DELAY_MS, ' of milliseconds');
}

// The first line tells an `import` the names; the second is what there is.
module.exports = { createAdapter, default: createAdapter };
module.exports = Object.assign(createAdapter, { createAdapter, default: createAdapter });
