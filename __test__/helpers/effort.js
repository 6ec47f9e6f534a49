/**
 * How often tests repeat what fails only now and then: `npm run test:long` runs the long form.
 *
 * Invariant: both forms look at the same places; the long one looks more often.
 */
const isLong = process.env.TEST_EFFORT === 'long';

/**
 * @template T
 * @param {T} usual
 * @param {T} long
 */
const effort = (usual, long) => (isLong ? long : usual);

module.exports = { effort };
