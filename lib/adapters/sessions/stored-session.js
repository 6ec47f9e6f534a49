/**
 * Sessions as they are stored: JSON, with a cookie that says the time which the entry has left.
 *
 * Knows no store.
 */
'use strict';

/**
 * A session as it was stored, but for the time that it has left.
 *
 * @param {string} text
 * @param {number} leftMs
 */
function sessionOf(text, leftMs) {
  const session = JSON.parse(text);
  const expires = session.cookie?.expires;
  if (typeof expires === 'string' && Number.isFinite(leftMs)) {
    session.cookie.expires = new Date(Date.now() + leftMs).toISOString();
  }
  return session;
}

/**
 * @param {string[]} ids
 * @param {({ value: string, ttl: number } | undefined)[]} entries
 */
function sessionsOf(ids, entries) {
  // Without a prototype: an id may be any text.
  const sessions = Object.create(null);
  ids.forEach((id, index) => {
    const entry = entries[index];
    if (entry !== undefined) sessions[id] = sessionOf(entry.value, entry.ttl);
  });
  return sessions;
}

module.exports = { sessionOf, sessionsOf };
