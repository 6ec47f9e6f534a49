/**
 * One session that many participants change at once, over a store that they share.
 *
 * Must not know how a store keeps others off. Invariant tested: every update is in the session
 * when all are done, from wherever it came.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Session } = require('shared-memory-store/session');
const { PARTICIPANTS, races } = require('../helpers/races.js');
const { SLOW } = require('../helpers/test-timeout.js');

/** Each adds a property, and a change costs as much as there are: `UPDATES=1500` takes a minute. */
const UPDATES = Number(process.env.UPDATES ?? 250);
const REWRITES = 1500;
const HOUR_MS = 3_600_000;

for (const [who, race] of Object.entries(races)) {
  test(`no_update_of_${who.replace(' ', '_')}_is_lost`, SLOW, async () => {
    let id;
    const prepare = async (store) => {
      id = await new Session({ store }).create({ first: true });
      return { id, times: UPDATES };
    };
    await race('update.session', prepare, async (found, store) => {
      assert.deepEqual(
        found,
        Array.from({ length: PARTICIPANTS }, () => UPDATES),
      );
      const data = await new Session({ store }).get(id);
      assert.equal(Object.keys(data).length, PARTICIPANTS * UPDATES + 1);
      for (let index = 0; index < PARTICIPANTS; index += 1) {
        for (let time = 0; time < UPDATES; time += 1) assert.equal(data[`${index}-${time}`], time);
      }
    });
  });

  test(`no_update_of_${who.replace(' ', '_')}_is_undone_by_another`, SLOW, async () => {
    const prepare = async (store) => {
      const id = await new Session({ store }).create({ first: true });
      return { id, times: REWRITES, properties: 20 };
    };
    await race('update.rewrite', prepare, (kept) => {
      assert.deepEqual(
        kept,
        Array.from({ length: PARTICIPANTS }, () => REWRITES),
      );
    });
  });

  test(`no_update_of_${who.replace(' ', '_')}_ends_a_session_or_its_time`, SLOW, async () => {
    let id;
    const options = { ttl: HOUR_MS };
    const prepare = async (store) => {
      id = await new Session({ store, ...options }).create({});
      store.touch(id, 2 * HOUR_MS);
      return { id, times: 50, options };
    };
    await race('update.session', prepare, async (found, store) => {
      assert.deepEqual(
        found,
        Array.from({ length: PARTICIPANTS }, () => 50),
      );
      assert.ok(store.ttl(id) > HOUR_MS, 'an update keeps the deadline');
      await new Session({ store, ...options }).delete(id);
      assert.equal(await new Session({ store, ...options }).update(id, { a: 1 }), false);
      assert.equal(store.has(id), false);
    });
  });
}
