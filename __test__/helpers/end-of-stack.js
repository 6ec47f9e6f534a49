/**
 * Calls that are cut off for want of stack, at every place where they can be.
 *
 * Must not know of stores. Invariant: an attempt is repeated ever farther from the end of the stack
 * until it is not cut off.
 */
const { effort } = require('./effort.js');

const SIZES = 40;
/** Every so many of them is tried. */
const STEP = effort(3, 1);

/** Frames of different sizes, so that the stack ends at different places. */
const frames = Array.from({ length: Math.ceil(SIZES / STEP) }, (_, at) => {
  const size = at * STEP;
  const names = Array.from({ length: size }, (_, index) => `v${index}`);
  const declared = names.map((name, index) => `let ${name} = number + ${index};`).join('');
  return new Function('number', 'run', `${declared} run(); return ${['0', ...names].join('+')};`);
});

/**
 * Calls `attempt` ever nearer to the start of the stack until it gives `true` instead of being
 * cut off. A function that calls itself until the stack ends tries on its way back.
 */
function onTheLastOfTheStack(frame, attempt) {
  let isDone = false;
  const descend = () => {
    try {
      descend();
    } catch {
      // The stack ended below: now there is a little room again.
    }
    if (isDone) return;
    try {
      isDone = attempt();
    } catch {
      // Cut off: the frame above has more room.
    }
  };
  frame(1, descend);
}

module.exports = { frames, onTheLastOfTheStack };
