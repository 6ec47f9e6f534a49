/**
 * Audits the renderings that the workers wrote down: one at a time, none while a page is fresh.
 *
 * A rendering is finished when its worker noted that it is stored; any other must be one of a
 * worker that was killed. All times are of one clock, and no rule asks that anything is fast.
 */

const { LIMITS } = require('../limits');
const { pageNames, runsOf } = require('../server/pages');

/** Times to live are whole milliseconds. */
const ROUNDING_MS = 2;

/** @returns {{ wrong: string[], runs: number, unfinished: number }} */
function auditPages(ledger, tally, lost) {
  const wrong = [];
  const figures = { runs: 0, unfinished: 0 };
  for (const page of pageNames()) {
    const runs = runsOf(ledger, page);
    const finished = runs.filter(({ storedMs }) => storedMs !== undefined);
    figures.runs += runs.length;
    figures.unfinished += runs.length - finished.length;
    wrong.push(...abandoned(page, runs, lost), ...early(page, runs));
    wrong.push(...stale(page, runs, tally.served[page] ?? {}));
  }
  return { wrong, ...figures };
}

/** Unfinished renderings of workers that live. */
function abandoned(page, runs, lost) {
  const unfinished = runs.filter(({ storedMs }) => storedMs === undefined);
  // A worker may be killed after it took a number and before it wrote its name.
  const unexplained = unfinished.filter(({ worker }) => worker && !lost.includes(worker));
  if (unexplained.length === 0 && unfinished.length <= lost.length) return [];
  return [`${page}: ${unfinished.length} renderings were never finished`];
}

/** Renderings that began while the one before was under way or fresh. */
function early(page, runs) {
  let freshUntilMs = 0;
  return runs.flatMap(({ beganMs, renderedMs, storedMs }, index) => {
    const isEarly = beganMs < freshUntilMs - ROUNDING_MS;
    if (storedMs !== undefined) freshUntilMs = renderedMs + LIMITS.freshMs;
    return isEarly ? [`${page}: rendering ${index + 1} while the page was fresh`] : [];
  });
}

/** Renderings that were given to somebody who asked when they were no longer fresh. */
function stale(page, runs, served) {
  return Object.entries(served).flatMap(([run, askedMs]) => {
    const { storedMs } = runs[Number(run) - 1] ?? { storedMs: 0 };
    if (storedMs === undefined || askedMs <= storedMs + LIMITS.freshMs + ROUNDING_MS) return [];
    return [`${page}: rendering ${run} was shown after its time`];
  });
}

module.exports = { auditPages };
