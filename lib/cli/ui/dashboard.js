/** `ui`: the dashboard, served to this machine until somebody ends it. */
'use strict';

const { randomBytes } = require('node:crypto');
const { once } = require('node:events');
const { usageError } = require('../exit.js');
const { placeOf } = require('../targets.js');
const { dashboardOf } = require('./answers.js');
const { serve } = require('./server.js');

/** @typedef {import('../context.js').Context} Context */

const TOKEN_BYTES = 24;
const MOST_PORT = 65_535;

/** @param {Context} context */
async function dashboard({ options, output }) {
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const what = dashboardOf(placeOf(options), options['read-only'] === true);
  const server = await serve(what, token, portOf(options));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const url = `http://127.0.0.1:${port}/${token}/`;
  output.isJson ? output.json({ url }) : output.line(`${url}\nCtrl-C ends it.`);
  output.flush();
  await Promise.race(['SIGINT', 'SIGTERM'].map((signal) => once(process, signal)));
  server.closeAllConnections();
  server.close();
}

/** @param {import('../targets.js').Options} options */
function portOf({ port = '0' }) {
  const number = Number(port);
  if (Number.isInteger(number) && number >= 0 && number <= MOST_PORT) return number;
  throw usageError(`--port is a number up to ${MOST_PORT}, not ${port}`);
}

module.exports = { dashboard };
