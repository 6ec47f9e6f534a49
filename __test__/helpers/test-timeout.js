/**
 * The `timeout` option of tests that may take longer than a runner's default of 5 seconds.
 *
 * Must not be used to show that something is fast: it only turns a hang into a failure.
 */
const SLOW = { timeout: 180_000 };

module.exports = { SLOW };
