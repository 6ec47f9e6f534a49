/**
 * A promise that a test settles when it wants to.
 */

/** @returns {{ promise: Promise<any>, resolve: (value?: any) => void, reject: Function }} */
function deferred() {
  const settle = {};
  const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
  return { promise, ...settle };
}

module.exports = { deferred };
