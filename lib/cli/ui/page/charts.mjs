/**
 * The dashboard's charts: figures of a store over the last minutes, as looks at it come in.
 *
 * Knows no request. Invariant: what nobody sees is not drawn, nor what looks as it did; and all
 * that is to be drawn is drawn at once, before the next frame.
 */

import { FIGURES } from './figures.mjs';
import uPlot from './uplot.mjs';

/** What a chart shows: what there is, ten minutes at the most, and at the least one. */
const SHOWN_MS = 600_000;
const LEAST_SHOWN_MS = 60_000;
const MINUTE_MS = 60_000;
const HEIGHT = 120;
/** Room for the texts of the axes, and between two of them. */
const [BELOW, BESIDE, APART] = [26, 66, 26];
const FONT = '11px system-ui, sans-serif';
/** Where a chart shows what was at a moment, all do. */
const TOGETHER = 'store';

let colours;

function readColours() {
  const style = getComputedStyle(document.documentElement);
  colours = Object.fromEntries(
    ['mark', 'quiet', 'line'].map((name) => [name, style.getPropertyValue(`--${name}`)]),
  );
}

/** Charts of one store at a time. */
export class Charts {
  /** When it was looked, the same for all. */
  #times = [];
  #charts;
  #isDue = false;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    readColours();
    const draw = () => this.#drawSoon();
    this.#charts = FIGURES.map((figure) => new Chart(figure, this.#times, draw));
    parent.replaceChildren(...this.#charts.map(({ element }) => element));
    this.#observe(ResizeObserver, (chart) => chart.fit());
    this.#observe(IntersectionObserver, (chart, { isIntersecting }) => chart.see(isIntersecting));
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      readColours();
      for (const chart of this.#charts) chart.colour();
    });
  }

  /** Of another store from now on. */
  clear() {
    this.#times.length = 0;
    for (const chart of this.#charts) chart.clear();
  }

  /** Shows what has happened between two looks. */
  extend(last, next) {
    const seconds = (next.at - last.at) / 1000;
    this.#times.push(next.at);
    // One stays that is not shown any more: the line begins there.
    const old = this.#times.findIndex((at) => at > next.at - SHOWN_MS) - 1;
    if (old > 0) this.#times.splice(0, old);
    for (const chart of this.#charts) chart.extend(last, next, seconds, Math.max(0, old));
  }

  #drawSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      for (const chart of this.#charts) chart.draw();
    });
  }

  #observe(Observer, tell) {
    const byElement = new Map(this.#charts.map((chart) => [chart.element, chart]));
    const observer = new Observer((entries) => {
      for (const entry of entries) tell(byElement.get(entry.target), entry);
    });
    for (const element of byElement.keys()) observer.observe(element);
  }
}

class Chart {
  element;
  #figure;
  #times;
  #values = [];
  #drawSoon;
  #plot;
  #now;
  /** Texts that are shown, so that only others are written. */
  #shown = {};
  #isSeen = false;
  #isStale = false;
  /** The value of which alone the picture that is shown consists, if it is so. */
  #flat;

  constructor(figure, times, drawSoon) {
    this.#figure = figure;
    this.#times = times;
    this.#drawSoon = drawSoon;
    this.element = document.createElement('figure');
    // The keyboard goes from moment to moment here.
    this.element.tabIndex = 0;
    const caption = document.createElement('figcaption');
    const [label, now] = ['span', 'b'].map((name) => document.createElement(name));
    label.textContent = figure.title;
    this.#now = now;
    caption.append(label, now);
    this.element.append(caption);
    this.#plot = new uPlot(this.#options(), [[], []], this.element);
    this.#plot.ctx.canvas.setAttribute('role', 'img');
    this.element.addEventListener('keydown', (event) => this.#move(event));
    this.element.addEventListener('blur', () => this.#point(undefined));
  }

  clear() {
    this.#values = [];
    this.#point(undefined);
    this.#change();
  }

  extend(last, next, seconds, old) {
    this.#values.splice(0, old);
    this.#values.push(this.#figure.value(last, next, seconds) ?? null);
    this.#change();
  }

  fit() {
    const { clientWidth: width } = this.element;
    if (width > 0 && width !== this.#plot.width) this.#plot.setSize({ width, height: HEIGHT });
  }

  see(isSeen) {
    this.#isSeen = isSeen;
    if (isSeen && this.#isStale) this.#drawSoon();
  }

  colour() {
    this.#plot.redraw(false);
  }

  draw() {
    if (!this.#isSeen || !this.#isStale) return;
    this.#isStale = false;
    this.#plot.setData([this.#times, this.#values]);
  }

  #change() {
    this.#tell();
    const flat = this.#flatValue();
    // The same line from one side to the other.
    if (flat !== undefined && flat === this.#flat && !this.#isStale) return;
    this.#flat = flat;
    this.#isStale = true;
    this.#drawSoon();
  }

  #flatValue() {
    const [first] = this.#values;
    const isFull = this.#times[0] <= this.#times.at(-1) - SHOWN_MS;
    return isFull && this.#values.every((value) => value === first) ? first : undefined;
  }

  /** What it is now, or was at the moment that somebody points at. */
  #tell() {
    const { text, title } = this.#figure;
    const textOf = (value) => (value === null || value === undefined ? '-' : text(value));
    const now = textOf(this.#values.at(-1));
    const at = this.#plot.cursor.idx ?? undefined;
    const ago = at === undefined ? 0 : this.#times.at(-1) - this.#times[at];
    this.#write('now', ago > 0 ? `${agoText(ago)}: ${textOf(this.#values[at])}` : now, (it) => {
      this.#now.textContent = it;
    });
    const most = this.#values.reduce((high, value) => Math.max(high, value ?? 0), 0);
    this.#write('label', `${title}: ${now}, at most ${text(most)}`, (it) => {
      this.#plot.ctx.canvas.setAttribute('aria-label', it);
    });
  }

  #write(name, text, write) {
    if (this.#shown[name] === text) return;
    this.#shown[name] = text;
    write(text);
  }

  #move(event) {
    const last = this.#times.length - 1;
    const at = this.#plot.cursor.idx ?? last;
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (last < 0 || (to === undefined && event.key !== 'Escape')) return;
    event.preventDefault();
    this.#point(to === undefined ? undefined : Math.min(last, Math.max(0, to)));
  }

  /** Points at a moment, here and in all other charts. @param {number | undefined} at its place */
  #point(at) {
    const left = at === undefined ? -1 : this.#plot.valToPos(this.#times[at], 'x');
    this.#plot.setCursor({ left, top: at === undefined ? -1 : 0 }, true, true);
    // To be read to who does not see it.
    if (at === undefined) this.#now.removeAttribute('aria-live');
    else this.#now.setAttribute('aria-live', 'polite');
  }

  #options() {
    const { text, most, steps } = this.#figure;
    const axis = { font: FONT, stroke: () => colours.quiet, ticks: { show: false } };
    return {
      width: 2 * BESIDE,
      height: HEIGHT,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: TOGETHER } },
      scales: {
        x: { time: false, range: (_plot, first, now) => shownOf(first ?? 0, now ?? 0) },
        y: { range: (_plot, _least, high) => [0, most ?? (high > 0 ? 1.1 * high : 1)] },
      },
      axes: [
        {
          ...axis,
          size: BELOW,
          gap: 9,
          grid: { show: false },
          splits: (_plot, _axis, least, now) => [least, (least + now) / 2, now],
          values: (_plot, times) => times.map((at) => agoText(times.at(-1) - at)),
        },
        {
          ...axis,
          size: BESIDE,
          space: APART,
          grid: { stroke: () => colours.line, width: 1 },
          values: (_plot, values) => values.map((value) => text(value)),
          ...(steps === undefined ? {} : { incrs: steps }),
        },
      ],
      series: [{}, { stroke: () => colours.mark, width: 1.5, points: { show: false } }],
      hooks: { setCursor: [() => this.#tell()] },
    };
  }
}

/** From when to when is shown. */
function shownOf(first, now) {
  return [Math.min(now - LEAST_SHOWN_MS, Math.max(first, now - SHOWN_MS)), now];
}

function agoText(ms) {
  if (ms < 1000) return 'now';
  if (ms < 2 * MINUTE_MS) return `−${Math.round(ms / 1000)} s`;
  return `−${Math.round((10 * ms) / MINUTE_MS) / 10} min`;
}
