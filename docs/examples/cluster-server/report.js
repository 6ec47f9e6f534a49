/**
 * The demo's last page: the figures of the run, then each finding of the auditor.
 */

const { grouped } = require('./progress');

const MIB = 2 ** 20;

/** Figures, without judging them. */
function printFigures({ seconds, tally, stores }) {
  const statuses = Object.entries(tally.statuses).map(([s, count]) => `${s}: ${grouped(count)}`);
  const workers = Object.entries(tally.workers).map(([pid, n]) => `${pid}: ${grouped(n)}`);
  const rows = [
    ['requests', `${grouped(tally.requests)} in ${seconds.toFixed(1)} s`],
    ['per second', grouped(tally.requests / seconds)],
    ['answers', statuses.join('  ')],
    ['by worker', workers.join('  ')],
    ['updates', `${grouped(tally.updates)} of sessions acknowledged`],
    ...Object.entries(stores).map(([name, store]) => [name, statsOf(store.stats())]),
  ];
  for (const [name, value] of rows) console.log(`  ${name.padEnd(14)}${value}`);
}

function statsOf({ entries, hits, sets, hitRatio, residentBytes, locksRecovered }) {
  const recovered = locksRecovered > 0 ? `, ${locksRecovered} locks recovered` : '';
  return (
    `${grouped(entries)} entries, ${grouped(hits)} hits (${(hitRatio * 100).toFixed(1)} %), ` +
    `${grouped(sets)} sets, ${(residentBytes / MIB).toFixed(1)} MiB${recovered}`
  );
}

/** Whether all is well. @param {import('./audit/audit').Finding[]} findings */
function printFindings(findings) {
  for (const { what, wrong } of findings) {
    console.log(`${wrong.length === 0 ? 'ok     ' : 'FAILED '} ${what}`);
    for (const reason of wrong) console.log(`          ${reason}`);
  }
  return findings.every(({ wrong }) => wrong.length === 0);
}

module.exports = { printFigures, printFindings };
