/**
 * A target for a row: ours takes at most so many times as long as a peer.
 *
 * Knows no row. What was not measured has no answer.
 */
'use strict';

const { findRow } = require('../results.js');
const { ratioText } = require('../table.js');

function ratioTarget(name, keys, peer, limit, runtime = 'node') {
  const where = runtime === 'bun' ? 'Bun, ' : '';
  const title = `${where}${name}, ${keys.toLocaleString('en-US')} keys ÷ ${peer} <= ${limit}`;
  const check = (results) => {
    const ratio = findRow(results, name, keys, runtime)?.ratios[peer];
    if (ratio === undefined) return undefined;
    return { reached: ratio.median <= limit, detail: ratioText(ratio) };
  };
  return { title, row: name, check };
}

module.exports = { ratioTarget };
