/**
 * Tags, namespaces, filters and limits: the table and the targets of what they cost.
 */
'use strict';

const { columns, ratioText, short } = require('./table.js');

/** Each part with its peer, where it has one. */
function featuresTable(title, { parts }) {
  const measured = Object.entries(parts).filter(([, { failure }]) => failure === undefined);
  const lines = measured.map(([name, { unit, ours, peer, ratio }]) => {
    if (peer === undefined) return [name, `${short(ours.median)} ${unit}`, '', ''];
    return [name, `${short(ours.median)} ${unit}`, short(peer.median), ratioText(ratio)];
  });
  const failures = Object.entries(parts)
    .filter(([, { failure }]) => failure !== undefined)
    .map(([name, { failure }]) => `  ${name}: failed: ${failure}`);
  const table = columns([['', 'this', 'beside', 'ratio'], ...lines]);
  return `${[title, table, ...failures].join('\n')}\n`;
}

/** All parts in one target: it names those that took longer than they may. */
const FEATURE_TARGETS = [
  {
    title: 'tags, namespaces, filters and limits within their bounds',
    check({ measurements }) {
      const { parts } = measurements.features ?? {};
      if (parts === undefined) return undefined;
      const missed = Object.keys(parts).filter((name) => !parts[name].isReached);
      const total = Object.keys(parts).length;
      const detail = `${total - missed.length} of ${total}; not: ${missed.join('; ') || 'none'}`;
      return { reached: missed.length === 0, detail };
    },
  },
];

module.exports = { FEATURE_TARGETS, featuresTable };
