/**
 * Tags and namespaces, as TypeScript sees them.
 */
import MemoryStore, { SharedStore } from 'shared-memory-store';
import { assert, type Equal } from './exact.js';

type Product = { price: number };

const shared = new SharedStore<Product>();
const local = new MemoryStore<Product>();

for (const store of [shared, local] as const) {
  store.set('key', { price: 1 }, { tags: ['a', 'b'] });
  store.add('key', { price: 1 }, { tags: ['a'], ttl: 5 });
  store.replace('key', { price: 1 }, { tags: [] });
  store.update('key', () => ({ price: 1 }), { tags: ['a'] });
  store.setMany([['key', { price: 1 }]], { tags: ['a'] });
  const readonlyTags: readonly string[] = ['a'];
  store.set('key', { price: 1 }, { tags: readonlyTags });
  const nothing = store.invalidateTag('a');
  assert<Equal<typeof nothing, void>>();
  store.invalidateTag(readonlyTags);
}
// @ts-expect-error tags are a list
shared.set('key', { price: 1 }, { tags: 'a' });
// @ts-expect-error of strings
local.set('key', { price: 1 }, { tags: [1] });
// @ts-expect-error a tag is a string
shared.invalidateTag(1);
// @ts-expect-error some tag
shared.invalidateTag();

const view = shared.namespace('eu');
const within = view.namespace('de');
assert<Equal<typeof within, typeof view>>();
const price = within.get('key')?.price;
assert<Equal<typeof price, number | undefined>>();
const cleared = view.clear();
assert<Equal<typeof cleared, true>>();
view.invalidateTag(['a']);
view.lock('key');
// @ts-expect-error values are those of the store
view.set('key', 'text');
// @ts-expect-error a name is a string
shared.namespace(5);
// @ts-expect-error a namespace ends with its store
view.close();
// @ts-expect-error nor has it snapshots
view.snapshot('file');
// @ts-expect-error only shared stores have locks
local.namespace('eu').lock('key');
for (const [key, value] of local.namespace('eu')) {
  assert<Equal<typeof key, string>>();
  assert<Equal<typeof value, Product>>();
}
