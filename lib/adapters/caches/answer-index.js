/**
 * Which requests of a resource have answers, and under which keys these lie.
 *
 * Knows no store. Invariant: two indexes of a resource have two marks, which are a part of the keys
 * of their answers.
 */
'use strict';

const { randomUUID } = require('node:crypto');

/** Shapes of one resource: a server that varies by other headers each time has no end of them. */
const MOST_SHAPES = 32;

/** @typedef {string | string[] | null | undefined} Header */
/** @typedef {{ method: string, names: string[] }} Shape of requests that have an answer */
/** @typedef {{ mark: string, shapes: Shape[] }} Index */

/**
 * What makes an index one that has a shape.
 *
 * @param {Shape} shape
 * @returns {(index?: Index) => Index}
 */
function including(shape) {
  return (index = { mark: randomUUID(), shapes: [] }) => {
    const isKnown = index.shapes.some((one) => isSame(one, shape));
    return isKnown ? index : { ...index, shapes: [...index.shapes, shape].slice(-MOST_SHAPES) };
  };
}

/**
 * Where answers to a request may lie: each of its shapes has one, or had.
 *
 * @param {string} place
 * @param {Index | undefined} index
 * @param {{ method: string, headers?: Record<string, Header> }} request
 */
function answerKeys(place, index, { method, headers }) {
  const shapes = index?.shapes.filter((shape) => shape.method === method) ?? [];
  return shapes.map(({ names }) => answerKey(place, index?.mark, method, names, headers));
}

/**
 * @param {string} place
 * @param {string | undefined} mark
 * @param {string} method
 * @param {string[]} names of the headers that the answer varies by
 * @param {Record<string, Header>} [headers]
 */
function answerKey(place, mark, method, names, headers = {}) {
  const values = names.map((name) => [name, headers[name] ?? null]);
  return `${place}${JSON.stringify([mark, method, values])}`;
}

/** @param {Shape} one @param {Shape} other */
function isSame(one, other) {
  return one.method === other.method && String(one.names) === String(other.names);
}

module.exports = { answerKey, answerKeys, including };
