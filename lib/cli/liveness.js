/**
 * What a participant does, as the system knows it: alive, stopped or dead.
 *
 * Knows no store. A process that hangs in a loop runs, as far as anybody can tell.
 */
'use strict';

const fs = require('node:fs');

/** @param {{ pid: number | undefined, isAlive: boolean }} one */
function stateOf({ pid, isAlive }) {
  if (!isAlive) return 'dead';
  const stat = pid === undefined ? undefined : systemFile(pid, 'stat');
  // Behind the name of the program, which may have anything in it.
  const letter = stat?.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  return letter === 'T' || letter === 't' ? 'stopped' : 'alive';
}

/** @param {{ pid: number, isAlive: boolean }} one */
function commandOf({ pid, isAlive }) {
  const line = isAlive ? systemFile(pid, 'cmdline') : undefined;
  return line?.replaceAll('\0', ' ').trim();
}

/** @param {number} pid @param {string} name */
function systemFile(pid, name) {
  try {
    return fs.readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    // Gone meanwhile, another's, or a system without such files.
    return undefined;
  }
}

module.exports = { commandOf, stateOf };
