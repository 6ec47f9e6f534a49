/**
 * What one server of a cluster says of all of them: who is a master, and has which slots.
 *
 * Knows the form of the answer to `CLUSTER NODES`, no connection.
 */
'use strict';

/**
 * @typedef {object} View
 * @property {string} id of the server that says it
 * @property {boolean} isMaster whether it is one
 * @property {{ id: string, host: string, port: number }[]} owners who have slots
 * @property {string} text which slots they have, and since which configuration
 */

/**
 * @param {string} said
 * @param {import('../connection/address.js').Address} address of the server that says it
 * @returns {View}
 */
function viewOf(said, address) {
  let id = '';
  let isMaster = false;
  const owners = [];
  const texts = [];
  for (const line of said.split('\n')) {
    const [node = '', place = '', flagged = '', , , , epoch = '', , ...slots] = line.split(' ');
    const flags = flagged.split(',');
    const isItself = flags.includes('myself');
    if (isItself) {
      id = node;
      isMaster = flags.includes('master');
    }
    // What is on its way to another is told by the two of them alone, in brackets.
    const owned = slots.filter((slot) => !slot.startsWith('['));
    if (owned.length === 0) continue;
    owners.push({ id: node, ...placeOf(place, address) });
    texts.push(`${node} ${epoch} ${owned.join(' ')}`);
  }
  return { id, isMaster, owners, text: texts.sort().join('\n') };
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
