/**
 * A key that many places hold, renamed in one: the entry moves along with its value.
 *
 *     node docs/examples/mutable-keys.js
 */

const assert = require('node:assert/strict');
const MemoryStore = require('shared-memory-store');

const store = new MemoryStore();

/** Any part of an application that was handed the key, not its text. */
class Player {
  constructor(key) {
    this.key = key;
  }

  get score() {
    return store.get(this.key).score;
  }
}

const key = store.createKey('player:guest-17');
store.set(key, { score: 40 });
const first = new Player(key);
const second = new Player(key);

// The guest signs up. One assignment, and everyone who holds the key goes on as before.
key.value = 'player:alice';
assert.equal(first.score, 40);
assert.equal(second.score, 40);
assert.equal(store.get('player:alice').score, 40);
assert.equal(store.has('player:guest-17'), false);

// It reads as its current text wherever a string is wanted.
assert.equal(`${key}`, 'player:alice');
assert.equal(JSON.stringify({ key }), '{"key":"player:alice"}');

// A name that is taken is never overwritten: the key now points at the entry that was there.
store.set('player:bob', { score: 7 });
key.value = 'player:bob';
assert.equal(first.score, 7);
assert.equal(store.get('player:alice').score, 40);

// A deadline moves along, too.
const invitation = store.createMutableKey('invitation:draft');
store.set(invitation, 'Come in', { ttl: 60_000 });
invitation.value = 'invitation:sent';
assert.ok(store.ttl('invitation:sent') <= 60_000);
assert.equal(store.get(invitation), 'Come in');

console.log(store.keys());
