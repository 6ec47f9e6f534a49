/**
 * Two servers with the response cache of Envelop over one store: both see a mutation of either.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { envelop, useEngine, useSchema } from '@envelop/core';
import { useResponseCache } from '@envelop/response-cache';
import * as graphql from 'graphql';
import createCache from 'shared-memory-store/envelop';
import { temporaryStore } from 'shared-memory-store/testing';

const USERS = 300;

/** A server, which counts how often it has looked for users. */
function server(store, users) {
  const asked = { users: 0 };
  const schema = graphql.buildSchema(`
    type User { id: ID!, name: String! }
    type Query { users: [User!]!, user(id: ID!): User }
    type Mutation { rename(id: ID!, name: String!): User }
  `);
  const rootValue = {
    users: () => {
      asked.users += 1;
      return [...users.values()];
    },
    user: ({ id }) => {
      asked.users += 1;
      return users.get(id);
    },
    rename: ({ id, name }) => {
      users.set(id, { id, name });
      return users.get(id);
    },
  };
  const enveloped = envelop({
    plugins: [
      useEngine(graphql),
      useSchema(schema),
      useResponseCache({ session: () => null, cache: createCache({ store }) }),
    ],
  });
  const ask = async (source) => {
    const { parse, contextFactory, execute } = enveloped();
    const contextValue = await contextFactory({});
    const result = await execute({ schema, document: parse(source), rootValue, contextValue });
    assert.equal(result.errors, undefined);
    return JSON.parse(JSON.stringify(result.data));
  };
  return { ask, asked };
}

test('what one server has answered, another knows, until a mutation of either', async () => {
  const store = temporaryStore();
  const users = new Map(
    Array.from({ length: USERS }, (_, id) => [`${id}`, { id: `${id}`, name: `user ${id}` }]),
  );
  const [one, other] = [server(store, users), server(store, users)];
  assert.equal((await one.ask('{ users { id name } }')).users.length, USERS);
  assert.deepEqual((await one.ask('{ user(id: 7) { name } }')).user, { name: 'user 7' });
  assert.deepEqual((await other.ask('{ user(id: 7) { name } }')).user, { name: 'user 7' });
  assert.equal((await other.ask('{ users { id name } }')).users[7].name, 'user 7');
  assert.equal(other.asked.users, 0);
  await other.ask('mutation { rename(id: 7, name: "ann") { id } }');
  assert.deepEqual((await one.ask('{ user(id: 7) { name } }')).user, { name: 'ann' });
  assert.equal((await one.ask('{ users { id name } }')).users[7].name, 'ann');
  store.close();
});
