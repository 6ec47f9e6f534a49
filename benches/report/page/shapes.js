/**
 * Draws charts as tables whose cells are bars: what is seen is what is read aloud and copied.
 *
 * Knows no row. Every text is escaped here. Invariant: a bar's length follows from the figure
 * beside it, by the scale that its caption names.
 */
'use strict';

const { short, times } = require('../table.js');

/** From this spread of the medians on, the short bars would vanish: the scale is of decades. */
const LOG_FROM = 12;
const LEAST_WIDTH = 0.8;
/** Where the bound of a part stands on its track. */
const BOUND_AT = 2 / 3;

/** The table of one chart. */
function tableOf(chart) {
  return KINDS[chart.kind](chart);
}

const KINDS = { bars, parts, ratios, table };

function bars({ title, note, unit, bars: all, ratioHead = 'ours ÷', ...how }) {
  const { isMoreBetter = false, isOrdered = false } = how;
  const sorted = isOrdered ? all : all.toSorted((one, other) => one.median - other.median);
  if (isMoreBetter) sorted.reverse();
  const scale = scaleOf(all);
  const better = isMoreBetter ? 'more is better' : 'less is better';
  const caption = [bold(note), escaped(unit), better, scale.name].filter(Boolean);
  const hasRatios = all.some(({ ratio }) => ratio !== undefined);
  const lines = sorted.map((bar) => {
    const value = `<td class="value">${short(bar.median)}</td>`;
    const factor = bar.ratio === undefined ? '' : `${times(bar.ratio)} ×`;
    const ratio = `<td class="ratio">${factor}</td>`;
    return `<tr${classOf(bar)}><th scope="row">${escaped(bar.name)}</th>\
${track(barOf(bar, scale))}${value}${ratio}</tr>`;
  });
  const head = heads(['store', '', escaped(unit.split(/[ ,]/)[0]), hasRatios ? ratioHead : '']);
  const style = scale.step === undefined ? '' : ` style="--decades:${decades(scale.step)}"`;
  const kind = scale.step === undefined ? 'bars' : 'bars log';
  return `<table class="${kind}"${style} aria-label="${escaped(title)}">
<caption>${caption.join(' · ')}</caption>${head}<tbody>
${lines.join('\n')}
</tbody></table>`;
}

/** How far along the track a figure is, 0 to 100; `step` is the width of a decade. */
function scaleOf(all) {
  const medians = all.map(({ median }) => median);
  const most = Math.max(...all.map(({ median, high }) => Math.max(median, high)));
  const least = Math.min(...medians);
  if (least <= 0 || Math.max(...medians) / least < LOG_FROM) {
    return { name: '', at: (value) => (value / most) * 100 };
  }
  const from = Math.floor(Math.log10(least));
  const decadesShown = Math.log10(most) - from;
  const at = (value) => ((Math.log10(Math.max(value, 10 ** from)) - from) / decadesShown) * 100;
  return { name: 'log scale', at, step: 100 / decadesShown };
}

function barOf({ median, low, high }, { at }) {
  const width = Math.max(LEAST_WIDTH, at(median));
  const bar = `<span class="bar" style="width:${tidy(width)}%"></span>`;
  if (low === high) return bar;
  const [left, right] = [at(low), at(high)];
  const place = `left:${tidy(left)}%;width:${tidy(right - left)}%`;
  return `${bar}<span class="spread" style="${place}"></span>`;
}

function decades(step) {
  const line = `calc(${tidy(step)}% - 1px)`;
  const colours = `transparent 0 ${line},var(--grid) ${line} ${tidy(step)}%`;
  return `repeating-linear-gradient(90deg,${colours})`;
}

/** Parts with their bounds: the longer the bar, the nearer to the bound, which is a line. */
function parts({ title, note, lines }) {
  const rows = lines.map((line) => {
    const name = `<th scope="row">${escaped(line.name)}</th>`;
    if (line.failure !== undefined) {
      return `<tr>${name}<td colspan="4">${verdict(false)}: ${escaped(line.failure)}</td></tr>`;
    }
    const { unit, ours, peer, ratio, value, limit, isReached } = line;
    const bar = limit === undefined ? '' : boundBar(value, limit);
    const within = limit === undefined ? '' : ` class="${isReached ? 'within' : 'beyond'}"`;
    const beside = peer === undefined ? '' : `÷ ${short(peer)} = ${times(ratio.median)}`;
    const bound = limit === undefined ? '' : `${verdict(isReached, `≤ ${limit}`)}`;
    const figures = `<td class="value">${short(ours)} ${escaped(unit)}</td>\
<td class="beside">${beside}</td>`;
    return `<tr${within}>${name}${track(bar)}${figures}<td class="limit">${bound}</td></tr>`;
  });
  const head = heads(['', '', 'this', 'beside', 'bound']);
  const caption = note === '' ? '' : `<caption>${bold(note)}</caption>`;
  return `<div class="scroll"><table class="bars parts" aria-label="${escaped(title)}">
${caption}${head}<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function boundBar(value, limit) {
  const width =
    limit === 0 ? (value === 0 ? 0 : 100) : Math.min(1, (value / limit) * BOUND_AT) * 100;
  return `<span class="bar" style="width:${tidy(Math.max(LEAST_WIDTH, width))}%"></span>\
<span class="bound" style="left:${tidy(BOUND_AT * 100)}%"></span>`;
}

/** Misses of one trace: ours, LRU and the least possible on one line from 0 to all. */
function ratios({ title, note, lines, failure }) {
  if (failure !== undefined) return `<p class="missed">${escaped(failure)}</p>`;
  const rows = lines.map(({ name, ours, lru, optimum, ratio }) => {
    const dot = (kind, share) =>
      `<span class="dot ${kind}" style="left:${tidy(share * 100)}%"></span>`;
    const marks = `${dot('least', optimum)}${dot('lru', lru)}${dot('us', ours)}`;
    return `<tr><th scope="row">${escaped(name)}</th>${track(marks)}\
<td class="value">${(ours * 100).toFixed(1)} %</td><td class="ratio">${times(ratio)} ×</td></tr>`;
  });
  return `<table class="bars" aria-label="Misses, ${escaped(title)}">
<caption><b>${escaped(note)}</b> · misses of all requests, 0 to 100 %</caption>
${heads(['entries', '', 'ours', '÷ LRU'])}<tbody>
${rows.join('\n')}
</tbody></table>`;
}

function table({ title, note, head, lines }) {
  const rows = lines.map(([name, ...cells]) => {
    const all = cells.map((cell) => `<td>${escaped(cell)}</td>`).join('');
    return `<tr><th scope="row">${escaped(name)}</th>${all}</tr>`;
  });
  return `<div class="scroll"><table class="plain" aria-label="${escaped(title)}">
<caption>${escaped(note)}</caption>${heads(head.map(escaped))}<tbody>
${rows.join('\n')}
</tbody></table></div>`;
}

function bold(note) {
  return note === '' ? '' : `<b>${escaped(note)}</b>`;
}

function heads(names) {
  const cells = names.map((name, place) => {
    if (name === '') return '<td></td>';
    return `<th scope="col"${place === 0 ? ' class="first"' : ''}>${name}</th>`;
  });
  return `<thead><tr>${cells.join('')}</tr></thead>`;
}

function track(marks) {
  return `<td class="track" aria-hidden="true">${marks === '' ? '' : `<div>${marks}</div>`}</td>`;
}

function classOf({ isOurs, isAlike }) {
  if (isOurs) return ' class="ours"';
  return isAlike ? ' class="alike"' : '';
}

/** Met, missed or neither, in words beside the colour. */
function verdict(reached, what = '') {
  const [kind, mark, word] = VERDICTS[reached];
  return `<span class="verdict ${kind}">${mark} ${what === '' ? word : escaped(what)}\
${what === '' ? '' : `<span class="unseen"> ${word}</span>`}</span>`;
}

const VERDICTS = {
  true: ['met', '✓', 'met'],
  false: ['missed', '✗', 'missed'],
  null: ['none', '–', 'not measured'],
};

function tidy(number) {
  return Number(number.toFixed(2));
}

function escaped(text) {
  return String(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

module.exports = { escaped, tableOf, verdict };
