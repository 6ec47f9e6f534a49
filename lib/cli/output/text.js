/** Numbers, times and texts as people read them. Knows no store. */
'use strict';

const UNITS = Object.freeze(['B', 'KiB', 'MiB', 'GiB', 'TiB']);
const STEP = 1024;
/** Of a time, the largest unit first. */
const TIMES = Object.freeze(
  /** @type {const} */ ([
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ]),
);
/** Where so many digits follow that a comma belongs there. */
const THOUSANDS = /\B(?=(\d{3})+$)/g;
/** From here on letters may be two columns wide. */
const FIRST_WIDE = 0x1100;
/** What a terminal would do, and not show. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/** @param {string} text */
function printable(text) {
  return text.replace(CONTROLS, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

/** The same of a text of several lines. @param {string} text */
function printableLines(text) {
  return text.split('\n').map(printable).join('\n');
}

/**
 * As much of a line as a terminal of so many columns shows in one: letters of the far east and
 * pictures take two.
 *
 * @param {string} text
 * @param {number} columns
 */
function cutTo(text, columns) {
  let [width, end] = [0, 0];
  for (const letter of text) {
    width += Number(letter.codePointAt(0)) < FIRST_WIDE ? 1 : 2;
    if (width > columns) return text.slice(0, end);
    end += letter.length;
  }
  return text;
}

/** @param {number} bytes */
function bytesText(bytes) {
  let [amount, unit] = [bytes, 0];
  for (; amount >= STEP && unit < UNITS.length - 1; unit += 1) amount /= STEP;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${UNITS[unit]}`;
}

/** @param {number} ms */
function timeText(ms) {
  if (!Number.isFinite(ms)) return 'for ever';
  const [unit, size] = TIMES.find(([, least]) => ms >= least) ?? ['ms', 1];
  return `${unit === 'ms' ? Math.round(ms) : (ms / size).toFixed(1)} ${unit}`;
}

/** @param {number} ratio */
function shareText(ratio) {
  return `${(100 * ratio).toFixed(1)} %`;
}

/**
 * A whole number with commas. `toLocaleString` loads what it knows of languages: a tenth of `ls`.
 *
 * @param {number} count
 */
function countText(count) {
  return String(count).replace(THOUSANDS, ',');
}

/**
 * A key with the namespaces that it is in.
 *
 * @param {{ key: string | undefined, namespace: readonly string[] }} place
 */
function keyText({ key, namespace }) {
  return [...namespace, key ?? '(no entry)'].join(' › ');
}

module.exports = {
  bytesText,
  countText,
  cutTo,
  keyText,
  printable,
  printableLines,
  shareText,
  timeText,
};
