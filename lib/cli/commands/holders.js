/** `locks` and `who`: who keeps what from others, and who is there, alive, stopped or dead. */
'use strict';

const { setTimeout: pause } = require('node:timers/promises');
const { commandOf, stateOf } = require('../liveness.js');
const { keyText, timeText } = require('../output/text.js');
const { observed } = require('../targets.js');

/** @typedef {import('../context.js').Context} Context */

/** A lock of the store itself that is seen again so much later: its holder stands still. */
const LOOK_APART_MS = 100;

/** @param {Context} context */
async function locks({ words: [target = ''], options, output }) {
  const observer = observed(target, options);
  try {
    const claims = observer.claims().map((claim) => ({ ...claim, state: stateOf(claim) }));
    const stuck = await stuckLocks(observer);
    if (output.isJson) return output.json({ claims, stuck });
    output.things(claims, [
      {
        title: 'KEY',
        value: (claim) => (claim.key === undefined ? `(hash ${claim.hash})` : keyText(claim)),
      },
      { title: 'FOR', value: ({ type }) => type },
      { title: 'PID', isRight: true, value: ({ pid }) => pid ?? '-' },
      { title: 'THREAD', isRight: true, value: ({ thread }) => thread ?? '-' },
      { title: 'TIMES', isRight: true, value: ({ depth }) => depth },
      { title: 'WAITED FOR', value: ({ isAwaited }) => (isAwaited ? 'yes' : 'no') },
      { title: 'HOLDER', value: ({ state }) => state },
    ]);
    for (const { type, shard, pid, thread, state } of stuck) {
      const where = shard === undefined ? type : `${type} ${shard}`;
      const holder = pid === undefined ? 'an unfinished step' : `process ${pid}, thread ${thread}`;
      output.line(`the store's own lock of ${where} is held by ${holder} (${state})`);
    }
  } finally {
    observer.close();
  }
}

/**
 * @param {ReturnType<typeof observed>} observer
 */
async function stuckLocks(observer) {
  const nameOf = (/** @type {object} */ lock) => JSON.stringify(lock);
  const before = observer.heldLocks();
  if (before.length === 0) return [];
  await pause(LOOK_APART_MS);
  const still = new Set(observer.heldLocks().map(nameOf));
  return before
    .filter((lock) => still.has(nameOf(lock)))
    .map((lock) => ({ ...lock, state: stateOf(lock) }));
}

/** @param {Context} context */
function who({ words: [target = ''], options, output }) {
  const observer = observed(target, options);
  try {
    const there = observer.participants().map((one) => ({
      ...one,
      state: stateOf(one),
      command: commandOf(one),
    }));
    output.things(there, [
      { title: 'PID', isRight: true, value: ({ pid }) => pid },
      { title: 'THREAD', isRight: true, value: ({ thread }) => thread },
      { title: 'SINCE', value: ({ since }) => new Date(since).toISOString() },
      { title: 'FOR', isRight: true, value: ({ since }) => timeText(Date.now() - since) },
      { title: 'ROLE', value: ({ isUser }) => (isUser ? 'uses it' : 'sweeps') },
      { title: 'STATE', value: ({ state }) => state },
      { title: 'HITS', isRight: true, value: ({ hits }) => hits },
      { title: 'MISSES', isRight: true, value: ({ misses }) => misses },
      { title: 'SETS', isRight: true, value: ({ sets }) => sets },
      { title: 'COMMAND', value: ({ command }) => command ?? '-' },
    ]);
  } finally {
    observer.close();
  }
}

module.exports = { locks, who };
