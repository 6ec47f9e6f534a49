/**
 * Medians, spreads and ratios of measured numbers.
 *
 * Pure arithmetic: it knows neither stores nor units. Invariant: no array that is passed in is
 * changed.
 */
'use strict';

/** The middle of the numbers, or the mean of the two in the middle. */
function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `{ low, high }`, between which the middle half of the numbers lies. */
function quartiles(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const at = (share) => {
    const place = (sorted.length - 1) * share;
    const below = Math.floor(place);
    const above = Math.ceil(place);
    return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
  };
  return { low: at(1 / 4), high: at(3 / 4) };
}

/** `{ median, min, max, rounds }`, each with four significant digits or more. */
function spread(numbers) {
  return {
    median: rounded(median(numbers)),
    min: rounded(Math.min(...numbers)),
    max: rounded(Math.max(...numbers)),
    rounds: numbers.map(rounded),
  };
}

/** The spread of the ratios `numerators[i] / denominators[i]`, round by round. */
function ratios(numerators, denominators) {
  return spread(numerators.map((numerator, round) => numerator / denominators[round]));
}

/**
 * A part of a measurement: rounds of ours, of a peer where there is one, and whether they are
 * within the bound. That is on the ratio to the peer, on the worst round where that is what
 * counts, or on the median.
 */
function partOf({ unit, limit, ours, peer, worst = false }) {
  const ratio = peer === undefined ? undefined : ratios(ours, peer);
  const value = worst ? Math.max(...ours) : (ratio?.median ?? median(ours));
  return {
    unit,
    limit,
    isCount: unit.startsWith('of '),
    ours: spread(ours),
    ...(peer !== undefined && { peer: spread(peer), ratio }),
    isReached: limit === undefined || value <= limit,
  };
}

function rounded(number) {
  return Number.isInteger(number) ? number : Number(number.toPrecision(4));
}

module.exports = { median, partOf, quartiles, ratios, rounded, spread };
