/**
 * `Object.prototype` with properties that do not belong there, for the time of one call.
 *
 * Invariant: they are gone before anything else runs, whatever the call does; what it awaits runs
 * without them.
 */

/**
 * @param {Record<string, unknown>} properties
 * @param {() => unknown} call
 */
function polluted(properties, call) {
  const names = Object.keys(properties);
  const values = names.map((name) => properties[name]);
  for (const [index, name] of names.entries()) {
    const value = values[index];
    // Without a prototype: a descriptor inherits, too.
    const flags = { writable: true, enumerable: true, configurable: true };
    Object.defineProperty(Object.prototype, name, { __proto__: null, value, ...flags });
  }
  try {
    return call();
  } finally {
    for (const name of names) delete Object.prototype[name];
  }
}

module.exports = { polluted };
