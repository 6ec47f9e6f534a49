/**
 * Tests of near copies of a fleet, in each scope that copies may have.
 *
 * Must not know what is tested, nor how a copy is kept.
 */
const { fleetTest } = require('./fleet.js');
const { withFolder } = require('./store-folders.js');

/** Long enough for a machine that stands still for a while. */
const maxStaleMs = 10_000;

/** Runs `body(near)` with the option of each scope. */
const NEARS = {
  process: (body) => body({ scope: 'process', maxStaleMs }),
  machine: (body) => withFolder((path) => body({ scope: 'machine', path, maxStaleMs })),
};

/** A test of `body(open, near)` for each of them. */
function nearTest(name, body) {
  for (const [scope, withNear] of Object.entries(NEARS)) {
    fleetTest(`${scope}: ${name}`, (open) => withNear((near) => body(open, near)));
  }
}

module.exports = { NEARS, nearTest };
