/**
 * Options of a `FleetStore`, checked. Knows no connection: a client is what can send commands.
 */
'use strict';

const { invalidType, invalidValue, missingArguments } = require('../errors/errors.js');
const { placeless } = require('../errors/fleet-errors.js');
const { filterOf } = require('../arguments/filter.js');
const { PLAIN } = require('../keys/keyspace.js');
const { defaultTtl } = require('../arguments/expiry.js');
const { oneOf, record, whole } = require('../arguments/options.js');
const { MAX_DELAY_MS } = require('../native/timers.js');
const { nameOfPlace, placeOfClient, placeOfUrl } = require('./connection/address.js');
const { carrierOf, isPool } = require('./connection/carriers.js');
const { OwnClient } = require('./connection/own-client.js');

const NAMES = Object.freeze([
  'name',
  'url',
  'client',
  'ttl',
  'timeout',
  'near',
  'waitReplicas',
  'whenDown',
]);
const MOST_REPLICAS = 1000;
const NEAR_NAMES = Object.freeze([
  ...['scope', 'path', 'maxBytes', 'maxStaleMs', 'reads', 'exclude', 'untracked'],
]);
const NEAR_UNTRACKED = Object.freeze(/** @type {const} */ (['off', 'ttl']));
const WHEN_DOWN_NAMES = Object.freeze(['serveStaleMs']);
/** Patterns of keys that are not kept: each is asked of every key. */
const MOST_EXCLUDED = 64;
const NEAR_SCOPES = Object.freeze(/** @type {const} */ (['machine', 'process', 'none']));
const NEAR_READS = Object.freeze(/** @type {const} */ (['copy', 'frozen']));
const NEAR_BYTES = 64 * 1024 ** 2;
const LEAST_NEAR_BYTES = 256 * 1024;
const MOST_NEAR_BYTES = 256 * 1024 ** 3;
const MAX_STALE_MS = 1000;
const MOST_STALE_MS = 3_600_000;
const DEFAULT_URL = 'redis://127.0.0.1:6379';
const TIMEOUT_MS = 1000;
const WHEN_DOWN = 'option whenDown';
const CLIENT = 'a client of the package redis, or an object with send, masters, connect and close';
const OF_MS = ' of milliseconds';
/** 1 to 128 characters, none of which means something in the names at the server. */
const NAME = /^[^{}\s]{1,128}$/u;
/** As the path of a url: none is 0. */
const DATABASE = /^\/?\d*$/;

/** @typedef {import('./connection/address.js').Place} Place */

/** @param {unknown} given */
function fleetOptions(given) {
  if (given === undefined) throw missingArguments('FleetStore', 'options with a name');
  const all = record(given, NAMES);
  const { name, url, client, ttl, timeout, near, waitReplicas, whenDown } = all;
  const timeoutMs =
    timeout === undefined ? TIMEOUT_MS : whole(timeout, 'option timeout', 1, MAX_DELAY_MS, OF_MS);
  const by = connection(url, client, timeoutMs);
  const kept = near === undefined ? undefined : nearArgument(near, by.place);
  return {
    ttlMs: defaultTtl(ttl),
    name: nameArgument(name),
    timeoutMs,
    waitReplicas: waitReplicas === undefined ? 0 : replicas(waitReplicas, client),
    near: kept,
    staleMs: whenDown === undefined ? 0 : staleArgument(whenDown, kept !== undefined),
    ...by,
  };
}

/**
 * How near copies are kept; `undefined` for none. No scope is a machine, where that can be had.
 *
 * @param {unknown} given
 * @param {Place | undefined} place
 */
function nearArgument(given, place) {
  const { scope, path, maxBytes, maxStaleMs, reads, exclude, untracked } = record(
    given,
    NEAR_NAMES,
  );
  const wanted = scope === undefined ? undefined : oneOf(NEAR_SCOPES, scope, 'option near.scope');
  if (wanted === 'none') return undefined;
  if (place === undefined) throw placeless('with near');
  return {
    servers: place,
    scope: wanted,
    place: nameOfPlace(place),
    path: pathArgument(path, wanted),
    maxBytes:
      maxBytes === undefined
        ? NEAR_BYTES
        : whole(maxBytes, 'option near.maxBytes', LEAST_NEAR_BYTES, MOST_NEAR_BYTES),
    maxStaleMs:
      maxStaleMs === undefined
        ? MAX_STALE_MS
        : whole(maxStaleMs, 'option near.maxStaleMs', 10, MOST_STALE_MS, OF_MS),
    excluded: exclude === undefined ? [] : excludedArgument(exclude),
    untracked:
      untracked === undefined ? 'off' : oneOf(NEAR_UNTRACKED, untracked, 'option near.untracked'),
    isFrozen: reads !== undefined && oneOf(NEAR_READS, reads, 'option near.reads') === 'frozen',
  };
}

/**
 * Which keys are not kept near.
 *
 * @param {unknown} given
 */
function excludedArgument(given) {
  if (!Array.isArray(given))
    throw invalidType('an array of patterns', 'option near.exclude', given);
  if (given.length > MOST_EXCLUDED) {
    throw invalidValue(`at most ${MOST_EXCLUDED} patterns`, 'option near.exclude', given);
  }
  return given.map((match) => filterOf({ match }, PLAIN));
}

/**
 * For how long copies are given that nobody hears of; 0 for never.
 *
 * @param {unknown} given
 * @param {boolean} isNear
 */
function staleArgument(given, isNear) {
  if (given === 'error') return 0;
  if (typeof given === 'string')
    throw invalidValue("'error', or { serveStaleMs }", WHEN_DOWN, given);
  const { serveStaleMs } = record(given, WHEN_DOWN_NAMES);
  if (!isNear) throw invalidValue('option near beside it', WHEN_DOWN, 'nothing that is near');
  return whole(serveStaleMs, `${WHEN_DOWN}.serveStaleMs`, 1, MAX_DELAY_MS, OF_MS);
}

/**
 * @param {unknown} value
 * @param {unknown} client
 */
function replicas(value, client) {
  const count = whole(value, 'option waitReplicas', 0, MOST_REPLICAS);
  if (count === 0 || !isPool(client)) return count;
  throw invalidValue('a client with one connection, with waitReplicas', 'option client', 'a pool');
}

/**
 * The folder of a machine's copies, as it was given.
 *
 * @param {unknown} path
 * @param {'machine' | 'process' | undefined} scope
 */
function pathArgument(path, scope) {
  if (path === undefined) return undefined;
  if (typeof path !== 'string') throw invalidType('a string', 'option near.path', path);
  if (path === '' || path.includes('\0')) {
    throw invalidValue('the path of a folder', 'option near.path', path);
  }
  if (scope !== 'process') return path;
  throw invalidValue('none', "option near.path, with near.scope 'process'", path);
}

/** @param {unknown} value */
function nameArgument(value) {
  if (typeof value !== 'string') throw invalidType('a string', 'option name', value);
  if (NAME.test(value) && value.isWellFormed()) return value;
  throw invalidValue('1 to 128 characters without braces and spaces', 'option name', value);
}

/**
 * What carries commands, where the servers are, and what errors call them.
 *
 * @param {unknown} url
 * @param {unknown} client
 * @param {number} timeoutMs
 */
function connection(url, client, timeoutMs) {
  if (client !== undefined) {
    const carrier = carrierOf(client);
    const known = carrier && placeOfClient(client);
    // Beside a client that says where its servers are, or is none.
    if (url !== undefined && (carrier === undefined || known !== undefined)) {
      throw invalidValue('url or client', 'the options', { url, client });
    }
    if (carrier === undefined) throw invalidType(CLIENT, 'option client', client);
    const place = url === undefined ? known : placeOfUrl(urlArgument(url));
    return { carrier, server: 'of the client', place };
  }
  const address = urlArgument(url ?? DEFAULT_URL);
  const carrier = new OwnClient(address.href, timeoutMs);
  return { carrier, server: address.host, place: placeOfUrl(address) };
}

/** @param {unknown} value */
function urlArgument(value) {
  if (typeof value !== 'string') throw invalidType('a string', 'option url', value);
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // A password is not to be quoted.
  if (url === undefined || !['redis:', 'rediss:'].includes(url.protocol)) {
    throw invalidValue('redis://… or rediss://…', 'option url', url?.protocol ?? '…');
  }
  if (!isDecodable(url.username) || !isDecodable(url.password)) {
    throw invalidValue('a user and password in which % is %25', 'option url', '…');
  }
  if (DATABASE.test(url.pathname)) return url;
  throw invalidValue('the number of a database as its path', 'option url', url.pathname);
}

/** @param {string} part of a url */
function isDecodable(part) {
  try {
    decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

module.exports = { fleetOptions };
