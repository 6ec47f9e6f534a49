/** Rows of text in columns, as wide as they need. Knows nothing of what they say. */
'use strict';

/** @typedef {{ title: string, isRight?: boolean }} Column */

const GAP = '  ';

/**
 * @param {readonly Column[]} columns
 * @param {readonly (readonly string[])[]} rows
 */
function table(columns, rows) {
  const all = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, at) => Math.max(...all.map((row) => String(row[at]).length)));
  return all.map((row) => {
    const cells = row.map((cell, at) => {
      const width = Number(widths[at]);
      return columns[at]?.isRight ? cell.padStart(width) : cell.padEnd(width);
    });
    return cells.join(GAP).trimEnd();
  });
}

module.exports = { table };
