/**
 * A process that watches a store of its threads: with nothing else to do, it ends.
 *
 *     shared-watching.js unasked | asked | throwing
 */
const { SharedStore } = require('../../index.js');

const [way] = process.argv.slice(2);
const store = new SharedStore({ name: 'watching' });
if (way === 'throwing') {
  process.once('uncaughtException', (error) => console.log(`thrown ${error.message}`));
  store.watch('key', () => {
    throw new Error('on purpose');
  });
}
const stop = store.watch(
  'key',
  () => {
    console.log('told');
    stop();
  },
  { keepAlive: way !== 'unasked' },
);
if (way !== 'unasked') store.set('key', 1);
process.on('exit', () => console.log('ended'));
