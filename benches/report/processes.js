/**
 * The targets of stores that processes share.
 *
 * Text in, text out; nothing here measures.
 */
'use strict';

const { ratioTarget } = require('./ratio-target.js');

const PROCESS_TARGETS = [
  ratioTarget('processes:get-text-100', 1000, 'lmdb', 0.15),
  ratioTarget('processes:get-text-100', 1000, 'redis', 0.002),
  ratioTarget('processes:get-text-64k', 100, 'lmdb', 1),
  ratioTarget('processes:set-text-100', 1000, 'lmdb', 0.1),
  ratioTarget('processes:set-text-100', 1000, 'lmdb, put by 100', 0.4),
  ratioTarget('processes:set-text-100', 1000, 'redis by 100', 0.3),
  ratioTarget('processes:set-text-64k', 100, 'lmdb', 0.7),
];

module.exports = { PROCESS_TARGETS };
