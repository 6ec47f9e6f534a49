/**
 * The targets of adapters: beside what people use there now.
 *
 * Nothing here measures.
 */
'use strict';

const { ratioTarget } = require('./ratio.js');

const ADAPTER_TARGETS = [
  ratioTarget('adapters:express-session', 1000, 'connect-redis', 0.02),
  ratioTarget('adapters:keyv', 1000, '@keyv/redis', 0.05),
  ratioTarget('adapters:keyv', 1000, "Keyv's Map", 1.5),
];

module.exports = { ADAPTER_TARGETS };
