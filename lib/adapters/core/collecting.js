/**
 * A stream to write to, whose bytes are handed on in one piece when it ends.
 *
 * Knows no store. Invariant: what becomes too long is destroyed, and nothing of it is handed on.
 */
'use strict';

const { Writable } = require('node:stream');

/**
 * @param {number} most so many bytes are too long
 * @param {(body: Buffer) => unknown} keep what it throws or rejects with fails the stream
 */
function collecting(most, keep) {
  /** @type {Buffer[]} */
  const chunks = [];
  let bytes = 0;
  return new Writable({
    write(chunk, encoding, callback) {
      const whole = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
      bytes += whole.byteLength;
      if (bytes >= most) this.destroy();
      else chunks.push(whole);
      callback(null);
    },
    final(callback) {
      Promise.resolve(chunks)
        .then((all) => keep(Buffer.concat(all)))
        .then(() => callback(null), callback);
    },
  });
}

module.exports = { collecting };
