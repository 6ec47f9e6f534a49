/**
 * Two services in one store, each with keys of its own: neither sees or clears the other's.
 *
 * Run it: `node docs/examples/shared/namespaces.js`
 */
'use strict';

const { SharedStore } = require('shared-memory-store');

const store = new SharedStore({ name: 'services', maxBytes: 2 ** 22 });
const users = store.namespace('users');
const orders = store.namespace('orders');

users.set('7', { name: 'Alice' });
orders.set('7', { total: 30 });
orders.namespace('open').set('7', true);
process.stdout.write(`${users.get('7')?.name} ordered for ${orders.get('7')?.total}\n`);

orders.clear();
process.stdout.write(`${users.size()} user, ${orders.namespace('open').size()} open orders\n`);

store.destroy();
