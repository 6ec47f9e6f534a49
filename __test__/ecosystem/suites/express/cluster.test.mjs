/**
 * Workers of a cluster are killed while visitors come: what was answered holds.
 *
 * A session that a visitor was given is there in every worker, and no two requests have one number.
 */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { SharedStore } from 'shared-memory-store';
import RateLimitStore from 'shared-memory-store/rate-limit';

const NAME = `express-${process.pid}`;
const VISITORS = 8;
const KILLS = 12;
/** How many answers lie between two kills. */
const PAUSE_ANSWERS = 40;

/** How a connection ends whose worker was killed, or is not there yet. */
/** Node never closes a connection that it was handing to the worker that was killed. */
const PATIENCE_MS = 3000;
const UNHEARD = Object.freeze({ code: 'UNHEARD' });
const DEAD = ['UNHEARD', 'ECONNRESET', 'ECONNREFUSED', 'ERR_STREAM_PREMATURE_CLOSE'];

let server;
let port;
/** Requests that were made: some die with their worker, counted or not. */
let asked = 0;

before(async () => {
  server = fork(new URL('server.cjs', import.meta.url), [NAME]);
  [{ port }] = await once(server, 'message');
});
after(async () => {
  server.disconnect();
  await once(server, 'exit');
  SharedStore.remove(NAME);
});

/** The answer to a request; asks again as long as the worker that has it is killed. */
async function ask(path, cookie = '') {
  for (;;) {
    asked += 1;
    try {
      // A connection of its own: each request may go to another worker.
      const request = http.get({ port, path, headers: { cookie }, agent: false });
      request.setTimeout(PATIENCE_MS, () => request.destroy(Object.assign(new Error(), UNHEARD)));
      const [response] = await once(request, 'response');
      assert.equal(response.statusCode, 200);
      return { ...(await json(response)), cookie: response.headers['set-cookie']?.[0] };
    } catch (error) {
      if (!DEAD.includes(error.code)) throw error;
    }
  }
}

test(`${KILLS} workers killed under load: no session is lost, every count is exact`, async () => {
  const hits = [];
  const workers = new Set();
  let kills = 0;
  let sinceKill = 0;
  server.on('message', ({ killed }) => {
    if (killed !== undefined) kills += 1;
  });
  const answered = (pid) => {
    workers.add(pid);
    sinceKill += 1;
    if (sinceKill < PAUSE_ANSWERS) return;
    sinceKill = 0;
    server.send({ kill: pid });
  };
  const visitor = async (_, index) => {
    let logins = 0;
    let user;
    let cookie;
    while (kills < KILLS) {
      user = `user ${index} ${logins}`;
      const login = await ask(`/login/${encodeURIComponent(user)}`, cookie);
      cookie ??= login.cookie.split(';')[0];
      logins += 1;
      answered(login.pid);
      for (let visit = 0; visit < 5; visit += 1) {
        const { user: known, hits: hit, pid } = await ask('/', cookie);
        assert.equal(known, user, `in ${pid}, after ${kills} kills`);
        hits.push(hit);
        answered(pid);
      }
    }
  };
  await Promise.all(Array.from({ length: VISITORS }, visitor));
  assert.equal(new Set(hits).size, hits.length, 'no two requests have one number');
  const counter = new RateLimitStore({ name: NAME, prefix: 'count:' });
  const { totalHits } = counter.get('all');
  counter.shutdown();
  assert.ok(hits.length < totalHits && Math.max(...hits) <= totalHits);
  assert.ok(totalHits <= asked, `${totalHits} were counted of ${asked}`);
  assert.ok(workers.size > 3, 'new workers have answered');
});
