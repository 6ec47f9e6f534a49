/**
 * The monotonic clock of the machine: the same in all its processes, and nobody can set it.
 *
 * What two processes measured can be compared, as no two `performance.now()` can.
 */

const NS_PER_MS = 1e6;
const IS_BUN = process.versions.bun !== undefined;

/** Milliseconds since some moment before the demo. */
function nowMs() {
  // In Bun, `hrtime` begins with each process; the time of day at its start makes up for it.
  if (IS_BUN) return performance.timeOrigin + performance.now();
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

module.exports = { nowMs };
