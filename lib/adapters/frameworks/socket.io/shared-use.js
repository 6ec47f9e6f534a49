/**
 * The store that the namespaces of a server use together.
 *
 * Knows nothing of messages. Invariant: it is open while one of them is, and not after.
 */
'use strict';

const { adapt } = require('../../core/adapted.js');
const { Channels } = require('../../core/channels.js');
const { WarnOnce } = require('../../core/warn-once.js');

const PREFIX = 'socket.io:';

class SharedUse {
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

module.exports = { SharedUse };
