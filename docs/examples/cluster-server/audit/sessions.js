/**
 * Audits the sessions in the store against what their visitors know.
 */

const { LIMITS } = require('../limits');
const { isWhole } = require('../server/sessions');

/** @returns {string[]} what is wrong */
function auditSessions(store, tally) {
  const wrong = tally.sessions.flatMap((claim) => {
    const entry = store.getEntry(claim.id);
    return entry === undefined ? [`the session of ${claim.user} is lost`] : faultsOf(entry, claim);
  });
  // One that was logged out of must be gone, one whose log-in was cut may be there.
  const most = tally.sessions.length + tally.doubtful;
  if (store.size() > most) wrong.push(`${store.size()} sessions, and at most ${most} live`);
  return wrong;
}

function faultsOf({ value: data, ttl }, { user, known, asked, themes }) {
  const faults = [];
  if (!(ttl <= LIMITS.sessionMs)) faults.push(`the session of ${user} lives for ${ttl} ms`);
  if (data.user !== user || !isWhole(data)) faults.push(`the session of ${user} is torn`);
  if (!themes.includes(data.theme)) faults.push(`${user}: ${data.theme}, not ${themes}`);
  for (const [tab, least] of Object.entries(known)) {
    const count = data.visits[tab] ?? 0;
    if (count >= least && count <= asked[tab]) continue;
    faults.push(`${user}, ${tab}: ${count} visits, not ${least} to ${asked[tab]}`);
  }
  return faults;
}

module.exports = { auditSessions };
