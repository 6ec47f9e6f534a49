/**
 * Calls of several stores in turns, each by the processor time that this process takes for them.
 *
 * Knows no store. A machine that is busy makes a call longer, and takes no more of its time.
 * Invariant: in every round each lane has one turn, and who begins changes from round to round.
 */
'use strict';

/** Warm-up doubles what it runs at most this often. */
const DOUBLINGS = 24;
const FIRST_CALLS = 64;
const NS_PER_US = 1000;

/**
 * Nanoseconds per call in each round, by the name of the lane.
 *
 * @param {{ name: string, run: (start: number, end: number) => unknown, prepare?: () => unknown,
 *   mostCalls?: number }[]} lanes
 * @param {{ rounds: number, turnMs: number, warmUpMs: number }} pace
 */
async function inTurns(lanes, { rounds, turnMs, warmUpMs }) {
  const states = [];
  for (const lane of lanes) states.push(await warmUp(lane, warmUpMs, turnMs));
  const results = Object.fromEntries(lanes.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    globalThis.gc?.();
    for (let turn = 0; turn < states.length; turn += 1) {
      const state = states[(round + turn) % states.length];
      results[state.lane.name].push(await take(state));
    }
  }
  return results;
}

/** Runs a lane until it has had its warm-up, and finds out how many calls fill a turn. */
async function warmUp(lane, warmUpMs, turnMs) {
  const { mostCalls = Number.MAX_SAFE_INTEGER } = lane;
  const state = { lane, calls: Math.min(FIRST_CALLS, mostCalls), at: 0 };
  let spentMs = 0;
  for (let doubling = 0; doubling < DOUBLINGS; doubling += 1) {
    const ms = ((await take(state)) * state.calls) / 1e6;
    spentMs += ms;
    if (spentMs >= warmUpMs) {
      const calls = Math.ceil((state.calls * turnMs) / Math.max(ms, 0.001));
      state.calls = Math.min(Math.max(calls, FIRST_CALLS), mostCalls);
      return state;
    }
    state.calls = Math.min(state.calls * 2, mostCalls);
  }
  return state;
}

/** One turn: nanoseconds per call. */
async function take(state) {
  const { lane, calls, at } = state;
  await lane.prepare?.();
  // What was posted from other threads runs here, not within the turn.
  await new Promise((resolve) => setImmediate(resolve));
  const before = process.cpuUsage();
  await lane.run(at, at + calls);
  const { user, system } = process.cpuUsage(before);
  state.at = (at + calls) % 2 ** 30;
  return ((user + system) * NS_PER_US) / calls;
}

module.exports = { inTurns };
