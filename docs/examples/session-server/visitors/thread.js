/**
 * The demo's worker thread: hundreds of visitors who share a pool of connections.
 *
 * It ends by itself when the requests it was given are used up.
 */

const { EventEmitter } = require('node:events');
const http = require('node:http');
const { parentPort, workerData } = require('node:worker_threads');
const { POPULATION } = require('./behaviours');
const { Client } = require('./client');
const { Tally } = require('./tally');

const SOCKETS = 48;

async function main({ port, requests, seed, limits }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: SOCKETS });
  const tally = new Tally(requests);
  const random = randomFrom(seed);
  const closing = new AbortController();
  EventEmitter.setMaxListeners(0, closing.signal);
  const visits = [];
  for (const { behaviour, count } of POPULATION) {
    for (let number = 1; number <= count; number += 1) {
      const name = `${behaviour.name}-${number}`;
      const client = new Client(name, { port, agent, limits, tally, closing: closing.signal });
      visits.push(keepVisiting(client, behaviour, random, closing));
    }
  }
  const report = setInterval(() => parentPort.postMessage({ ...tally }), 200);
  await Promise.all(visits);
  clearInterval(report);
  agent.destroy();
  parentPort.postMessage({ ...tally });
}

/** Until the requests are used up; whoever notices it calls back the others from their pauses. */
async function keepVisiting(client, behaviour, random, closing) {
  try {
    while (!closing.signal.aborted) {
      await behaviour(client, random);
      if (client.tally.requests >= client.tally.wanted) closing.abort();
    }
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  }
}

/** Numbers from 0 to 1 that repeat with the seed (mulberry32). */
function randomFrom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

main(workerData);
