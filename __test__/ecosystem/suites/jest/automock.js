/** Jest makes mocks of all that a module has, by its prototypes. */
const { MemoryStore, SharedStore } = require('shared-memory-store');

jest.mock('shared-memory-store');

test('a mocked store has mocked methods, which do nothing', () => {
  const store = new MemoryStore();
  store.get.mockReturnValue('mocked');
  expect(store.get('key')).toBe('mocked');
  expect(store.set('key', 1)).toBeUndefined();
  expect(store.set.mock.calls).toEqual([['key', 1]]);
  expect(store.on).toEqual(expect.any(Function));
  expect(jest.isMockFunction(store.on)).toBe(true);
  expect(jest.isMockFunction(new SharedStore({ name: 'mocked' }).increment)).toBe(true);
});
