/**
 * The demo's last page: what happened, in numbers that the stores and the visitors agree on.
 */

const { grouped } = require('./progress');

function printReport({ seconds, tally, sessions, rateLimit, alive, timing, memory }) {
  const expired = sessions.opened - sessions.deleted - alive.sessions;
  const hitRatio = sessions.hits / (sessions.hits + sessions.misses);
  const statuses = Object.entries(tally.statuses).map(([s, count]) => `${s}: ${grouped(count)}`);
  const rows = [
    ['requests', `${grouped(tally.requests)} in ${seconds.toFixed(1)} s`],
    ['per second', grouped(tally.requests / seconds)],
    ['answers', statuses.join('  ')],
    ['sessions', `${grouped(sessions.opened)} opened, ${grouped(sessions.deleted)} logged out`],
    [
      'session hits',
      `${(hitRatio * 100).toFixed(1)} % of ${grouped(sessions.hits + sessions.misses)}`,
    ],
    [
      'entries',
      `${grouped(alive.sessions)} sessions, ${grouped(alive.windows)} counters at the end`,
    ],
    // Opened, not logged out, and not there at the end: their time had passed. Those that a
    // visitor came back for were found out by `get`; nobody but the sweeper saw the others go.
    [
      'expired',
      `${grouped(expired)}, ${grouped(expired - tally.foundExpired)} of them unasked for`,
    ],
    [
      'counters',
      `${grouped(rateLimit.windowsOpened)} windows, ${grouped(rateLimit.refused)} refusals`,
    ],
    ['get', `${timing.getNs.toFixed(0)} ns (${grouped(alive.sessions)} session ids)`],
    ['set', `${timing.setNs.toFixed(0)} ns, with a ttl ${timing.setTtlNs.toFixed(0)} ns`],
    ['memory', `${megabytes(memory.heapUsed)} heap, ${megabytes(memory.rss)} resident`],
    ['checked', `${grouped(tally.checks)} expectations, ${grouped(tally.borderline)} borderline`],
  ];
  for (const [name, value] of rows) console.log(`  ${name.padEnd(14)}${value}`);
}

function megabytes(bytes) {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

module.exports = { printReport };
