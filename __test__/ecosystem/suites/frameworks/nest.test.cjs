/**
 * Nest with its cache in a store, through Keyv: two apps share what one has answered.
 */
require('reflect-metadata');
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { CACHE_MANAGER, CacheInterceptor, CacheModule } = require('@nestjs/cache-manager');
const { Controller, Get, Inject, Module, UseInterceptors } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { createKeyv } = require('shared-memory-store/keyv');
const { temporaryStore } = require('shared-memory-store/testing');

const HOUR_MS = 3_600_000;

/** Applies a decorator to a method, as TypeScript would. */
function decorate(target, method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(target.prototype, method);
  for (const one of decorators) one(target.prototype, method, descriptor);
}

/** An app, and what it has been asked for. */
async function open(store) {
  const asked = [];
  class Pages {
    constructor(cache) {
      this.cache = cache;
    }
    page() {
      asked.push('page');
      return { text: 'page', by: asked.length };
    }
    async keep() {
      await this.cache.set('user', { born: new Date(0), tags: new Set(['a']) }, HOUR_MS);
      return 'kept';
    }
    async look() {
      const user = await this.cache.get('user');
      return { born: user.born.getTime(), tags: [...user.tags] };
    }
  }
  Controller()(Pages);
  Inject(CACHE_MANAGER)(Pages, undefined, 0);
  decorate(Pages, 'page', Get('page'), UseInterceptors(CacheInterceptor));
  decorate(Pages, 'keep', Get('keep'));
  decorate(Pages, 'look', Get('look'));
  class App {}
  const cache = CacheModule.register({ stores: [createKeyv({ store })], ttl: HOUR_MS });
  Module({ imports: [cache], controllers: [Pages] })(App);
  const app = await NestFactory.create(App, { logger: false });
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const ask = async (path) => (await fetch(`${url}/${path}`)).text();
  return { app, ask, asked };
}

test('what one app has answered, another knows, with all types of values', async () => {
  const store = temporaryStore();
  const [one, other] = [await open(store), await open(store)];
  assert.deepEqual(JSON.parse(await one.ask('page')), { text: 'page', by: 1 });
  // The interceptor stores what it has sent.
  while (store.size() === 0) await new Promise(setImmediate);
  assert.deepEqual(JSON.parse(await other.ask('page')), { text: 'page', by: 1 });
  assert.deepEqual(other.asked, []);
  assert.equal(await one.ask('keep'), 'kept');
  assert.deepEqual(JSON.parse(await other.ask('look')), { born: 0, tags: ['a'] });
  await one.app.close();
  await other.app.close();
  store.close();
});
