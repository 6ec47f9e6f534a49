/**
 * Where a server is and who asks it, for a connection of its own beside a client's.
 *
 * Knows no store. Invariant: whatever is in it another thread can be given.
 */
'use strict';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 6379;

/**
 * @typedef {object} Address
 * @property {string} host
 * @property {number} port
 * @property {string | undefined} path of a socket in the file system, in place of host and port
 * @property {object | undefined} tls options of the encryption, if there is one
 * @property {string} username
 * @property {string} password
 * @property {number} database
 */

/**
 * @param {URL} url
 * @returns {Address}
 */
function addressOfUrl({ hostname, port, protocol, username, password, pathname }) {
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port || DEFAULT_PORT),
    path: undefined,
    tls: protocol === 'rediss:' ? {} : undefined,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: Number(pathname.slice(1)) || 0,
  };
}

/**
 * The address of a client of one server; `undefined` of one that does not say it, or has many.
 *
 * @param {any} client
 * @returns {Address | undefined}
 */
function addressOfClient(client) {
  const { options } = client;
  if (typeof client.getSlotMaster === 'function') return undefined;
  if (typeof client.getSentinelNode === 'function') return undefined;
  if (typeof client.sendCommand !== 'function' || typeof options !== 'object') return undefined;
  if (options === null) return undefined;
  const { socket = {}, username = '', password = '', database = 0 } = options;
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, path, tls, ...others } = socket;
  return {
    host,
    port: Number(port),
    path,
    tls: tls === true ? plain(others) : undefined,
    username,
    password,
    database,
  };
}

/**
 * What names the place that an address leads to, however it was written.
 *
 * @param {Address} address
 */
function placeOf({ host, port, path, database }) {
  return `${path ?? `${host}:${port}`}/${database}`;
}

/**
 * Options without functions, which stay in their thread.
 *
 * @param {object} options
 */
function plain(options) {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => typeof value !== 'function'),
  );
}

module.exports = { addressOfClient, addressOfUrl, placeOf };
