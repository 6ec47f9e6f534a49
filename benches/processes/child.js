/**
 * The child process of one row of stores that processes share: the contenders in turns.
 *
 * Knows the rows of processes alone, and not how a row is measured.
 */
'use strict';

const { measureRow } = require('../shared/measure-row.js');
const { processContendersOf, processRowOf } = require('./rows.js');

const { row: name, ...specification } = JSON.parse(process.argv[2]);
const row = processRowOf(name);

measureRow(row, processContendersOf(row), specification).then((result) => {
  // The client of a server that runs keeps a process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
});
