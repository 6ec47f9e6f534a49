/**
 * The chart of the README: a handful of telling rows as horizontal bars, an SVG made by hand.
 *
 * Readable on a light and on a dark page: no background of its own, and text that follows the
 * colour scheme. Every group has its own scale; the numbers beside the bars are nanoseconds.
 */
'use strict';

const { OURS } = require('../rows/contenders.js');
const { findRow } = require('./results.js');
const { short } = require('./table.js');

const GROUPS = [
  ['get-hit', 'get'],
  ['get-fresh-key', 'get, key built for the call'],
  ['get-ttl', 'get, entry with a TTL'],
  ['get-miss', 'get, no such entry'],
  ['overwrite', 'set, overwrite'],
  ['set-ttl', 'set with a TTL'],
];
const KEYS = 1000;
/** Awaited, it is fifty times slower: the other bars would vanish. The tables have it. */
const LEFT_OUT = ['keyv'];

const COLUMNS = 2;
const COLUMN_WIDTH = 430;
const LABEL_WIDTH = 142;
const BAR_WIDTH = 220;
const BAR_HEIGHT = 12;
const LINE_HEIGHT = 17;
const GROUP_HEAD = 26;
const GROUP_GAP = 12;
const TOP = 50;

const STYLE = `
  text { font: 12px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328; }
  .title { font-size: 16px; font-weight: 600; }
  .group { font-size: 13px; font-weight: 600; }
  .quiet { fill: #59636e; }
  .ours { font-weight: 600; }
  .bar { fill: #b6bec7; }
  .bar.ours { fill: #e8703a; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .quiet { fill: #9198a1; }
    .bar { fill: #57606a; }
    .bar.ours { fill: #f0834d; }
  }`;

/** The chart as SVG, or `undefined` while a row of it has not been measured. */
function chart(results) {
  const groups = GROUPS.map(([name, title]) => ({ title, row: findRow(results, name, KEYS) }));
  if (groups.some(({ row }) => row?.contenders === undefined)) return undefined;
  const perColumn = Math.ceil(groups.length / COLUMNS);
  const parts = [];
  let height = 0;
  for (let column = 0; column < COLUMNS; column += 1) {
    let top = TOP;
    for (const { title, row } of groups.slice(column * perColumn, (column + 1) * perColumn)) {
      const bars = barsOf(row);
      parts.push(group(title, bars, { left: column * COLUMN_WIDTH, top }));
      top += GROUP_HEAD + bars.length * LINE_HEIGHT + GROUP_GAP;
    }
    height = Math.max(height, top);
  }
  return svg(parts.join('\n'), height, results.machine);
}

function svg(content, height, { processor, node }) {
  const width = COLUMNS * COLUMN_WIDTH;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" \
width="${width}" height="${height}" role="img" \
aria-label="Nanoseconds per operation of this package and its peers; shorter is better">
<style>${STYLE}
</style>
<text class="title" x="0" y="16">Nanoseconds per operation, 1,000 keys</text>
<text class="quiet" x="0" y="35">shorter is better · each group has its own scale · \
Node ${escaped(node)}, ${escaped(processor)}</text>
${content}
</svg>
`;
}

function barsOf({ contenders }) {
  return Object.entries(contenders)
    .filter(([name]) => !LEFT_OUT.includes(name))
    .map(([name, { median }]) => ({ name, ns: median }));
}

function group(title, bars, { left, top }) {
  const barX = left + LABEL_WIDTH;
  const longest = Math.max(...bars.map(({ ns }) => ns));
  const lines = bars.map(({ name, ns }, index) => {
    const y = top + GROUP_HEAD + index * LINE_HEIGHT;
    const width = Math.max(2, Math.round((ns / longest) * BAR_WIDTH));
    const mark = name === OURS ? ' ours' : '';
    const textY = y + BAR_HEIGHT - 2;
    return `<text class="name${mark}" x="${barX - 8}" y="${textY}" text-anchor="end">\
${escaped(name)}</text>\
<rect class="bar${mark}" x="${barX}" y="${y}" width="${width}" \
height="${BAR_HEIGHT}" rx="2"/>\
<text class="value${mark}" x="${barX + width + 5}" y="${textY}">${short(ns)}</text>`;
  });
  const head = `<text class="group" x="${left}" y="${top + 16}">${escaped(title)}</text>`;
  return [head, ...lines].join('\n');
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

module.exports = { chart };
