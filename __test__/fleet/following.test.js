/**
 * Links to servers on which they say what changes.
 *
 * Must not know who listens.
 */
const assert = require('node:assert/strict');
const { setImmediate: turn } = require('node:timers/promises');
const { placeOfUrl } = require('../../lib/fleet/connection/address.js');
const { Link } = require('../../lib/fleet/following/link.js');
const { PATIENCE_MS, fleetTest } = require('../helpers/fleet.js');
const { sharedServer } = require('../helpers/servers.js');

fleetTest('a link that is over gathers nothing, however often it is held', async () => {
  const warnings = [];
  const note = (warning) => warnings.push(warning.message);
  process.on('warning', note);
  try {
    const { login } = placeOfUrl(new URL(sharedServer().url));
    const link = new Link(login, { silentMs: PATIENCE_MS });
    await link.greet();
    link.close();
    for (let time = 0; time < 20; time += 1) {
      link.hold(true);
      link.hold(false);
    }
    await turn();
    assert.deepEqual(warnings, []);
  } finally {
    process.off('warning', note);
  }
});
