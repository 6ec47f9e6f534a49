/**
 * The demo's four stores: every process that opens them by name shares what is in them.
 *
 * They lie in shared memory, belong to no process and survive each. Whoever made them has to
 * destroy them in the end, or they stay until the machine restarts.
 */

const { SharedStore } = require('shared-memory-store');

const MIB = 1024 ** 2;

/**
 * Opens the stores, or makes them if this process is the first.
 *
 * @param {string} prefix of their names
 */
function openStores(prefix) {
  /** @param {string} name @param {number} maxBytes */
  const open = (name, maxBytes) => {
    return new SharedStore({ name: `${prefix}-${name}`, scope: 'processes', maxBytes });
  };
  return {
    sessions: open('sessions', 64 * MIB),
    windows: open('windows', 16 * MIB),
    pages: open('pages', 16 * MIB),
    /** What the workers write down for the auditor: renderings, and the number of orders. */
    ledger: open('ledger', 16 * MIB),
  };
}

/** Removes them for everybody. Does nothing the second time. */
function destroyStores(stores) {
  for (const store of Object.values(stores)) store.destroy();
}

module.exports = { destroyStores, openStores };
