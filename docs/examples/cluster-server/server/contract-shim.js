/** Verbs that SharedStore has not yet got; goes away. */
const { SharedStore } = require('shared-memory-store');
const proto = SharedStore.prototype;
proto.hit ??= function hit(key, by, options) {
  const value = this.increment(key, by, options);
  return { value, ttl: this.ttl(key) ?? 1 };
};
proto.update ??= function update(key, change) {
  for (;;) {
    const found = this.get(key);
    const ttl = this.ttl(key);
    const next = change(found);
    if (next === undefined) return found;
    const options = ttl === undefined || ttl === Infinity ? undefined : { ttl };
    if (this.compareAndSet(key, found, next, options)) return next;
  }
};
