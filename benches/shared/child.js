/**
 * The child process of one row of shared stores: measures the contenders in turns.
 *
 * Knows the rows of threads alone, and not how a row is measured.
 */
'use strict';

const { measureRow } = require('./measure-row.js');
const { sharedContendersOf, sharedRowOf } = require('./rows.js');

const { row: name, ...specification } = JSON.parse(process.argv[2]);
const row = sharedRowOf(name);

measureRow(row, sharedContendersOf(row), specification).then((result) => {
  // Some peers keep a process alive, and have no way to be closed.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
});
