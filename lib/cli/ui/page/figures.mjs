/**
 * What each chart of a store shows: a figure, made of two looks one after the other, and its text.
 *
 * Knows no chart. Invariant: a rate is nothing where nothing was done that it is a rate of.
 */

import { bytes, count, duration, share } from './elements.mjs';

const reads = ({ hits, misses }) => hits + misses;
const gone = ({ evicted, expired }) => evicted + expired;
/** How much more of one thing there is for each that there is more of another. */
const each = (amount, of) => (of > 0 ? amount / of : undefined);
/** Steps of an axis of bytes: powers of two, up to a pebibyte. */
const DOUBLES = Array.from({ length: 51 }, (_, power) => 2 ** power);
/** Of an axis of what there are no halves of. */
const WHOLE = Array.from({ length: 45 }, (_, at) => [1, 2, 5][at % 3] * 10 ** Math.floor(at / 3));

/** A rate that is often below 1. */
function rate(amount) {
  return amount >= 10 ? count(amount) : String(Math.round(10 * amount) / 10);
}

/** `value(last, next, s)`: of looks that are `s` seconds apart; `most`: where its axis ends. */
export const FIGURES = [
  {
    title: 'Hit ratio',
    text: share,
    most: 1,
    value: (last, next) => each(next.hits - last.hits, reads(next) - reads(last)),
  },
  {
    title: 'Reads a second',
    text: rate,
    value: (last, next, s) => (reads(next) - reads(last)) / s,
  },
  { title: 'Writes a second', text: rate, value: (last, next, s) => (next.sets - last.sets) / s },
  {
    title: 'Evictions a second',
    text: rate,
    value: (last, next, s) => (gone(next) - gone(last)) / s,
  },
  { title: 'Memory', text: bytes, steps: DOUBLES, value: (_last, next) => next.residentBytes },
  { title: 'Entries', text: count, steps: WHOLE, value: (_last, next) => next.entries },
  {
    title: 'Participants',
    text: count,
    steps: WHOLE,
    value: (_last, next) => next.participants,
  },
  { title: 'Loads a second', text: rate, value: (last, next, s) => (next.loads - last.loads) / s },
  {
    title: 'Time of a load',
    text: duration,
    value: (last, next) => each(next.loadMs - last.loadMs, next.loads - last.loads),
  },
  {
    title: 'Failed loads a second',
    text: rate,
    value: (last, next, s) => (next.loadErrors - last.loadErrors) / s,
  },
  {
    title: 'Lock waits a second',
    text: rate,
    value: (last, next, s) => (next.lockWaits - last.lockWaits) / s,
  },
  {
    title: 'Time waited for locks',
    text: duration,
    value: (last, next, s) => (next.lockWaitMs - last.lockWaitMs) / s,
  },
];
