/** Each test file may evaluate its modules anew, as often as it has tests. */
const TIMES = 300;

beforeEach(() => jest.resetModules());

test('a module that is evaluated anew finds the stores of the earlier ones', () => {
  require('shared-memory-store').createStore('reset').set('kept', 'from the first');
  for (let time = 0; time < TIMES; time += 1) {
    jest.resetModules();
    const { MemoryStore, SharedStore } = require('shared-memory-store');
    const store = new SharedStore({ name: 'reset' });
    expect(store.get('kept')).toBe('from the first');
    const local = new MemoryStore();
    local.set('time', time, { ttl: 60_000 });
    expect(local.get('time')).toBe(time);
  }
});
