/**
 * What one server of a cluster says of all of them: who is a master, and has which slots.
 *
 * Knows the form of the answer to `CLUSTER NODES`, no connection.
 */
'use strict';

/** What is on its way to another: told by the two of them alone, in brackets. */
const LEAVING = /^\[\d+->-/;

/**
 * @typedef {object} View
 * @property {string} id of the server that says it
 * @property {boolean} isMaster whether it is one
 * @property {{ id: string, host: string, port: number }[]} owners who have slots
 * @property {string} text which slots they have, and since which configuration
 * @property {string} moving which slots of its own it hands to whom: nobody else knows that
 */

/**
 * @param {string} said
 * @param {import('../connection/address.js').Address} address of the server that says it
 * @returns {View}
 */
function viewOf(said, address) {
  let id = '';
  let isMaster = false;
  let moving = '';
  const owners = [];
  const texts = [];
  for (const line of said.split('\n')) {
    const [node = '', place = '', flagged = '', , , , epoch = '', , ...slots] = line.split(' ');
    const flags = flagged.split(',');
    const isItself = flags.includes('myself');
    if (isItself) {
      id = node;
      isMaster = flags.includes('master');
      moving = slots.filter((slot) => LEAVING.test(slot)).join(' ');
    }
    const owned = slots.filter((slot) => !slot.startsWith('['));
    if (owned.length === 0) continue;
    owners.push({ id: node, ...placeOf(place, address) });
    texts.push(`${node} ${epoch} ${owned.join(' ')}`);
  }
  return { id, isMaster, owners, text: texts.sort().join('\n'), moving };
}

/**
 * @param {string} place `address:port@port`, and names behind commas
 * @param {import('../connection/address.js').Address} teller
 */
function placeOf(place, teller) {
  const [where = '', name = ''] = place.split(',');
  const [, ip = '', port = ''] = /^(.*):(\d+)(?:@\d+)?$/.exec(where) ?? [];
  // A certificate is made out to a name.
  const host = (teller.tls !== undefined && name) || ip || teller.host;
  return { host, port: Number(port) };
}

module.exports = { viewOf };
