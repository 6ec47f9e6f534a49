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
 * Servers, and what leads from them to the masters of a store.
 *
 * @typedef {object} Place
 * @property {'server' | 'sentinel' | 'cluster'} kind
 * @property {Address[]} addresses of the server, of sentinels, of some servers of a cluster
 * @property {Address} login what is said to masters that those name
 * @property {string} group of the servers that sentinels watch, as they call it
 * @property {Record<string, { host: string, port: number }>} mapped where masters are to be reached
 *   from here, by how others call them
 */

/**
 * @param {URL} url
 * @returns {Place}
 */
function placeOfUrl(url) {
  return placeOfServer(addressOfUrl(url));
}

/** @param {Address} address @returns {Place} */
function placeOfServer(address) {
  return { kind: 'server', addresses: [address], login: address, group: '', mapped: {} };
}

/**
 * The place of a client; `undefined` of one that does not say it.
 *
 * @param {any} client
 * @returns {Place | undefined}
 */
function placeOfClient(client) {
  if (typeof client.sendCommand !== 'function') return undefined;
  if (typeof client.getSlotMaster === 'function') return placeOfCluster(client._options);
  if (typeof client.getSentinelNode === 'function') return placeOfSentinel(optionsOf(client));
  const { options } = client;
  if (typeof options !== 'object' || options === null) return undefined;
  return placeOfServer(addressOf(options));
}

/**
 * The options of a client that tells them to none but its duplicate.
 *
 * @param {any} client
 */
function optionsOf(client) {
  /** @type {any} */
  let known;
  class Taker {
    /** @param {any} options */
    constructor(options) {
      known = options;
    }
  }
  try {
    // What a duplicate is made by is found where the prototype says it.
    const asking = Object.assign(Object.create({ constructor: Taker }), { _self: client._self });
    client.duplicate.call(asking);
  } catch {
    // Another version: it is asked for a url.
  }
  return known;
}

/** @param {any} options @returns {Place | undefined} */
function placeOfSentinel(options) {
  if (!Array.isArray(options?.sentinelRootNodes)) return undefined;
  const { sentinelRootNodes, name, nodeClientOptions = {}, sentinelClientOptions = {} } = options;
  const mapped = mapOf(options.nodeAddressMap);
  if (mapped === undefined) return undefined;
  const login = addressOf(nodeClientOptions);
  const asker = addressOf(sentinelClientOptions);
  const addresses = sentinelRootNodes.map((/** @type {any} */ { host, port }) => {
    return { ...asker, host, port: Number(port) };
  });
  return { kind: 'sentinel', addresses, login, group: String(name), mapped };
}

/** @param {any} options @returns {Place | undefined} */
function placeOfCluster(options) {
  if (!Array.isArray(options?.rootNodes)) return undefined;
  const { rootNodes, defaults = {} } = options;
  const mapped = mapOf(options.nodeAddressMap);
  if (mapped === undefined) return undefined;
  const login = addressOf(defaults);
  const addresses = rootNodes.map((/** @type {any} */ node) => {
    if (node.url === undefined) {
      return addressOf({ ...defaults, ...node, socket: { ...defaults.socket, ...node.socket } });
    }
    const address = addressOfUrl(new URL(node.url));
    const isNamed = address.username !== '' || address.password !== '';
    return { ...(isNamed ? address : { ...login, host: address.host, port: address.port }) };
  });
  return { kind: 'cluster', addresses, login, group: '', mapped };
}

/** @param {unknown} given @returns {Place['mapped'] | undefined} none of what no thread can have */
function mapOf(given) {
  if (given === undefined) return {};
  if (typeof given !== 'object' || given === null) return undefined;
  return Object.fromEntries(
    Object.entries(given).map(([name, { host, port }]) => [name, { host, port: Number(port) }]),
  );
}

/** @param {any} options of a client of one server @returns {Address} */
function addressOf({ socket = {}, username = '', password = '', database = 0 }) {
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
 * What names a place, however it was written.
 *
 * @param {Place} place
 */
function nameOfPlace({ kind, addresses, login, group }) {
  const names = addresses.map(({ host, port, path }) => path ?? `${host}:${port}`).sort();
  const named = `${names.join()}/${login.database}`;
  return kind === 'server' ? named : `${kind} ${group} ${named}`;
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

module.exports = { nameOfPlace, optionsOf, placeOfClient, placeOfUrl };
