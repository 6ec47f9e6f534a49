/**
 * A thread of visitors: shoppers who share a pool of connections, robots with one each.
 *
 * It tells the primary how far it is, goes on until it is told to stop, and then says what it saw.
 */

const { parentPort, workerData } = require('node:worker_threads');
const { Connection } = require('./connection');
const { randomFrom } = require('./random');
const { Reader } = require('./reader');
const { Robot } = require('./robot');
const { Shopper } = require('./shopper');
const { Tally } = require('./tally');

const SHOPPERS = 24;
const ROBOTS = 3;
const SOCKETS = { shoppers: 24, robot: 6 };
const REPORT_MS = 200;

async function main({ port, seed, number }) {
  const tally = new Tally();
  const random = randomFrom(seed + number);
  /** @param {number} sockets */
  const connect = (sockets) => new Connection({ port, sockets, random, tally });
  const shared = connect(SOCKETS.shoppers);
  const reader = new Reader({ connection: shared, tally });
  const shoppers = listOf(SHOPPERS, (index) => {
    const name = `shopper-${number}-${index}`;
    return new Shopper(name, { connection: shared, reader, random, tally });
  });
  const robots = listOf(ROBOTS, (index) => {
    return new Robot(`robot-${number}-${index}`, { connection: connect(SOCKETS.robot), tally });
  });

  const stopping = new AbortController();
  parentPort.once('message', () => stopping.abort());
  const report = setInterval(() => parentPort.postMessage(tally), REPORT_MS);
  await Promise.all([...shoppers, ...robots].map((visitor) => keepGoing(visitor, stopping.signal)));
  clearInterval(report);
  for (const shopper of shoppers) shopper.leave();
  for (const { connection } of [...shoppers, ...robots]) connection.close();
  parentPort.postMessage(tally);
}

async function keepGoing(visitor, signal) {
  do await visitor.round();
  while (!signal.aborted);
}

function listOf(count, make) {
  return Array.from({ length: count }, (_, index) => make(index));
}

/** The most requests that can be under way at once in one thread, and so be cut by one death. */
const CONNECTIONS = SOCKETS.shoppers + ROBOTS * SOCKETS.robot;

module.exports = { CONNECTIONS };

if (parentPort !== null) main(workerData);
