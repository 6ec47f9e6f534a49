/**
 * When a watcher has been told of all that was before, and what it was told in words.
 *
 * Must not know what is watched.
 */

/** A message after all others: whoever has it has been told of all that was before. */
let marks = 0;

/** Waits until a store has told all that it has to tell. */
async function settled(store) {
  marks += 1;
  const channel = `mark ${process.pid} ${marks}`;
  await new Promise((resolve) => {
    const stop = store.subscribe(
      channel,
      () => {
        stop();
        resolve();
      },
      { keepAlive: true },
    );
    store.publish(channel, true);
  });
  // Others that heard of it in the same turn.
  await new Promise((resolve) => setImmediate(resolve));
}

const said = ({ type, key, origin }) => [type, key, origin].filter((it) => it).join(' ');

module.exports = { said, settled };
