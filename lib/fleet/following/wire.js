/**
 * A connection of one's own to a server: how it is made, greeted and spoken to.
 *
 * Knows where a server is, and no command.
 */
'use strict';

const net = require('node:net');
const tls = require('node:tls');

/** @typedef {import('../connection/address.js').Address} Address */

/** @param {Address} address */
function connect({ host, port, path, tls: encryption }) {
  const where = path === undefined ? { host, port } : { path };
  if (encryption === undefined) return net.connect(where);
  return tls.connect({ servername: net.isIP(host) === 0 ? host : '', ...encryption, ...where });
}

/** @param {Address} address */
function greetingOf({ username, password }) {
  if (password === '' && username === '') return ['HELLO', '3'];
  return ['HELLO', '3', 'AUTH', username === '' ? 'default' : username, password];
}

/**
 * The bytes of a command.
 *
 * @param {string[]} words
 */
function command(words) {
  const parts = words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`);
  return `*${words.length}\r\n${parts.join('')}`;
}

module.exports = { command, connect, greetingOf };
