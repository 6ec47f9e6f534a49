/** Workers of a runner that use one store of processes at once. */
const { SharedStore } = require('shared-memory-store');
const path = require('node:path');

test('each worker counts in the store of all', () => {
  const place = { name: 'all workers', scope: 'processes', path: path.join(__dirname, 'stores') };
  const store = new SharedStore(place);
  for (let time = 0; time < 1000; time += 1) store.increment('one');
  expect(store.get('one') % 1000).toBe(0);
});
