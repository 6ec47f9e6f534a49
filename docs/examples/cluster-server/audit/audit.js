/**
 * Judges a run of the demo: what the visitors were told, and what the stores hold afterwards.
 *
 * Every rule is one of acknowledged facts. A slow machine makes a run longer, never wrong.
 */

const { Crowd } = require('../crowd');
const { grouped } = require('../progress');
const { placed } = require('../server/orders');
const { auditLeftovers } = require('./leftovers');
const { auditPages } = require('./pages');
const { auditSessions } = require('./sessions');

/**
 * A statement about the run, and what speaks against it.
 *
 * @typedef {object} Finding
 * @property {string} what
 * @property {string[]} wrong
 */

/**
 * @param {{ stores: any, tally: any, workers: any, killed: number | undefined }} run
 * @returns {Promise<Finding[]>}
 */
async function audit({ stores, tally, workers, killed }) {
  const lost = workers.lost.map(({ pid }) => pid);
  const pages = auditPages(stores.ledger, tally, lost);
  const sessions = auditSessions(stores.sessions, tally);
  return [
    answers(tally),
    replaced(workers, killed, tally),
    {
      what: `${tally.sessions.length} sessions: none lost, none torn, each counter exact`,
      wrong: sessions,
    },
    searches(tally),
    {
      what:
        `${grouped(tally.servings)} pages served by ${grouped(pages.runs)} renderings: ` +
        'one a page and freshness period',
      wrong: pages.wrong,
    },
    orders(stores.ledger, tally),
    {
      what: 'no lock, no load and no user of a store was left behind',
      wrong: await auditLeftovers(stores),
    },
    cuts(tally, lost.length),
  ];
}

function answers({ checks, failed, surprises, requests }) {
  const wrong = failed === 0 ? [] : [`${failed} were not`, ...surprises];
  if (requests === 0) wrong.push('nobody asked anything');
  return { what: `every answer was the right one (${grouped(checks)} checks)`, wrong };
}

function replaced(workers, killed, tally) {
  const wrong = workers.lost
    .filter(({ signal }) => signal === null)
    .map(({ pid, code }) => `worker ${pid} ended by itself, with code ${code}`);
  const successors = workers.successorsOf(killed);
  const answered = successors.map((pid) => tally.workers[pid] ?? 0);
  if (successors.length === 0) wrong.push('no worker was killed');
  else if (Math.max(...answered) === 0) wrong.push('its successor has answered nothing');
  const what =
    `worker ${killed} was killed; ${successors.join(', ')} took its place and answered ` +
    `${answered.map(grouped).join(', ')} requests`;
  return { what, wrong };
}

function searches({ admitted, refused, windows, wrongBursts }) {
  const wrong = wrongBursts === 0 ? [] : [`${wrongBursts} bursts were not: see the answers`];
  const what =
    `${grouped(windows)} windows of the rate limit let through ${grouped(admitted)} searches, ` +
    `exactly as many as they may, and refused ${grouped(refused)}`;
  return { what, wrong };
}

function orders(ledger, tally) {
  const wrong = [];
  const count = tally.orders.length;
  if (new Set(tally.orders).size !== count) wrong.push('two orders have the same number');
  const last = placed(ledger);
  if (last < count || last > count + tally.cutOrders) {
    wrong.push(`the last is ${last}, not ${count} to ${count + tally.cutOrders}`);
  }
  return { what: `${grouped(count)} orders: each number given out once, without a gap`, wrong };
}

/**
 * A connection has one request under way, and so has the one that takes its place and meets the
 * dead worker, too: the primary notices a death a little later.
 */
function cuts({ cut, late }, deaths) {
  const most = 2 * deaths * Crowd.connections;
  const wrong = cut - late > most ? [`${cut} were cut, ${late} of them were given up`] : [];
  return { what: `${cut} requests were cut by ${deaths} death${deaths === 1 ? '' : 's'}`, wrong };
}

module.exports = { audit };
