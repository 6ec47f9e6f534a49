/**
 * Events of a store: written down as they are told, and caused.
 *
 * Must not know why an event happens. Invariant: the record holds each event as it was delivered,
 * `[event, key, value, reason]`, and nothing else.
 */

const { passDeadline } = require('./expiry.js');

/** Every event that a store has. */
const EVENTS = ['set', 'delete', 'expire', 'evict', 'clear'];

/** The record of `events`, which grows as they come. */
function recordEvents(store, events = EVENTS) {
  const record = [];
  for (const event of events) {
    store.on(event, (...given) => {
      record.push([event, ...given]);
    });
  }
  return record;
}

/** Listens to everything, for a store that shall take the paths of one that is listened to. */
function listenToAll(store) {
  for (const event of EVENTS) store.on(event, () => {});
  return store;
}

/** A call for each event that makes it happen once, in a store of at most one entry. */
const causes = {
  set: (store) => store.set('caused', 1),
  delete: (store) => {
    store.set('caused', 1);
    store.delete('caused');
  },
  expire: (store) => {
    store.set('caused', 1, 1);
    passDeadline(1);
    store.get('caused');
  },
  evict: (store) => {
    store.set('caused', 1);
    store.set('other', 1);
    store.delete('other');
  },
  clear: (store) => store.clear(),
};

module.exports = { EVENTS, causes, listenToAll, recordEvents };
