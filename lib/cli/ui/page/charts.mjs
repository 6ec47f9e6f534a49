/**
 * The dashboard's charts: what each shows of two looks at a store, one after another.
 *
 * Knows figures, and no request. Invariant: a chart of a rate shows nothing where nothing was done.
 */

import { bytes, count, duration, share } from './elements.mjs';

/** What a chart shows: ten minutes. */
const SHOWN_MS = 600_000;

const reads = ({ hits, misses }) => hits + misses;
const gone = ({ evicted, expired }) => evicted + expired;
/** How much more of one thing there is for each that there is more of another. */
const each = (amount, of) => (of > 0 ? amount / of : undefined);

const CHARTS = [
  ['Hit ratio', share, (last, next) => each(next.hits - last.hits, reads(next) - reads(last))],
  ['Reads a second', count, (last, next, s) => (reads(next) - reads(last)) / s],
  ['Writes a second', count, (last, next, s) => (next.sets - last.sets) / s],
  ['Evictions a second', count, (last, next, s) => (gone(next) - gone(last)) / s],
  ['Memory', bytes, (_last, next) => next.residentBytes],
  ['Entries', count, (_last, next) => next.entries],
  ['Participants', count, (_last, next) => next.participants],
  ['Loads a second', rate, (last, next, s) => (next.loads - last.loads) / s],
  [
    'Time of a load',
    duration,
    (last, next) => each(next.loadMs - last.loadMs, next.loads - last.loads),
  ],
  ['Failed loads a second', rate, (last, next, s) => (next.loadErrors - last.loadErrors) / s],
  ['Lock waits a second', rate, (last, next, s) => (next.lockWaits - last.lockWaits) / s],
  ['Time waited for locks', duration, (last, next, s) => (next.lockWaitMs - last.lockWaitMs) / s],
];

/** A rate that is often below 1. */
function rate(amount) {
  return amount >= 10 ? count(amount) : String(Math.round(10 * amount) / 10);
}

/** Charts of one store, empty yet: each with its `element`. */
export function chartsOf() {
  return CHARTS.map(([title, text, value]) => ({
    title,
    text,
    value,
    points: [],
    ...figure(title),
  }));
}

function figure(title) {
  const element = document.createElement('figure');
  const caption = document.createElement('figcaption');
  const [label, most, now] = ['span', 'span', 'b'].map((name) => document.createElement(name));
  const canvas = document.createElement('canvas');
  label.textContent = title;
  most.className = 'most';
  canvas.setAttribute('role', 'img');
  caption.append(label, most, now);
  element.append(caption, canvas);
  return { element, now, most, canvas };
}

/** Shows what has happened between two looks at a store. */
export function extend(charts, last, next) {
  for (const chart of charts) {
    const value = chart.value(last, next, (next.at - last.at) / 1000);
    chart.points = chart.points.filter(({ at }) => at > next.at - SHOWN_MS);
    chart.points.push({ at: next.at, value });
    const most = Math.max(...chart.points.map((it) => it.value ?? 0));
    const [now, top] = [value === undefined ? '-' : chart.text(value), chart.text(most)];
    chart.now.textContent = now;
    chart.most.textContent = `at most ${top}`;
    chart.canvas.setAttribute('aria-label', `${chart.title}: ${now}, at most ${top}`);
    draw(chart, next.at, most || 1);
  }
}

function draw({ canvas, points }, now, most) {
  const scale = window.devicePixelRatio;
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((it) =>
    Math.round(it * scale),
  );
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, width, height);
  context.strokeStyle = getComputedStyle(canvas).getPropertyValue('--mark');
  context.fillStyle = context.strokeStyle;
  context.lineWidth = 1.5 * scale;
  context.beginPath();
  let [isDrawing, place] = [false, undefined];
  for (const { at, value } of points) {
    const x = width - ((now - at) / SHOWN_MS) * width;
    const y = height - ((value ?? 0) / most) * (height - 4 * scale) - 2 * scale;
    if (value !== undefined) context[isDrawing ? 'lineTo' : 'moveTo'](x, y);
    isDrawing = value !== undefined;
    place = isDrawing ? [x, y] : undefined;
  }
  context.stroke();
  if (place === undefined) return;
  // Where it is now: one point alone would be no line.
  context.beginPath();
  context.arc(place[0] - 2 * scale, place[1], 2 * scale, 0, 2 * Math.PI);
  context.fill();
}
