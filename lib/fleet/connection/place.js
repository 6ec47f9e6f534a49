/**
 * Where a server is, and how a connection is greeted: what a url says. Knows no connection.
 */
'use strict';

const DEFAULT_PORT = 6379;

/**
 * @param {URL} url
 */
function placeOf(url) {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || DEFAULT_PORT),
    isSecret: url.protocol === 'rediss:',
    greeting: greetingOf(url),
  };
}

/** @param {URL} url */
function greetingOf({ username, password }) {
  if (password === '' && username === '') return ['HELLO', '3'];
  const user = username === '' ? 'default' : decodeURIComponent(username);
  return ['HELLO', '3', 'AUTH', user, decodeURIComponent(password)];
}

module.exports = { placeOf };
