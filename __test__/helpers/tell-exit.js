/**
 * How a program tells its test in which way it ended.
 *
 * A collection of garbage during `beforeExit` may find native objects of stores that nobody holds
 * any more. Node ends those in a turn of their own, and then says `beforeExit` once more. So what
 * counts is that it was said, not how often.
 */

/** The last line of a program: its exit code, and the events that it saw on the way. */
function tellExit() {
  const events = new Set();
  process.on('beforeExit', () => events.add('beforeExit'));
  process.on('exit', (code) => console.log(JSON.stringify({ code, events: [...events] })));
}

module.exports = { tellExit };
