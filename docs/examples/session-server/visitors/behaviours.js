/**
 * How the demo's visitors behave: each behaviour does one round and is asked again and again.
 */

/** Logs in once, looks often, logs out now and then: its session lives by being used. */
async function regular(client, random) {
  if (!(await client.look())) await client.logIn();
  await client.pause(random() * 60);
  if (random() < 0.02) await client.logOut();
}

/** Logs in, looks around a little, and never comes back to that session. */
async function leaver(client, random) {
  await client.logIn();
  for (let visits = random() * 3; visits > 0; visits -= 1) await client.look();
  client.forget();
  await client.pause(random() * 160);
}

/** Stays away for longer than its session lives, and must then log in again. */
async function returner(client, random) {
  if (!(await client.look())) await client.logIn();
  await client.look();
  await client.pause(client.limits.sessionMs * (0.4 + random()));
}

/** Asks without a pause, far over its limit. */
async function hammerer(client) {
  if (!(await client.look())) await client.logIn();
}

/** Tries cookies that it was never given. */
async function forger(client, random) {
  await client.forge();
  await client.pause(random() * 50);
}

/** How many visitors of each kind there are. */
const POPULATION = [
  { behaviour: regular, count: 240 },
  { behaviour: leaver, count: 300 },
  { behaviour: returner, count: 120 },
  { behaviour: hammerer, count: 2 },
  { behaviour: forger, count: 10 },
];

module.exports = { POPULATION };
