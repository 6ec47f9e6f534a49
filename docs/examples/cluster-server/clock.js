/**
 * The monotonic clock of the machine: the same in all its processes, and nobody can set it.
 *
 * What two processes measured can be compared, as no two `performance.now()` can.
 */

const NS_PER_MS = 1e6;

/** Milliseconds since some moment before the demo. */
function nowMs() {
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

module.exports = { nowMs };
