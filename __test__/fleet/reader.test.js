/**
 * What a server says in RESP3, read in pieces of any size.
 *
 * Must not know who listens. Invariant tested: a message is the same however it was split, and what
 * it costs to read does not depend on that.
 */
const assert = require('node:assert/strict');
const { test } = require('node:test');
const { Push, Reader, Refusal } = require('../../lib/fleet/following/reader.js');

const SAID = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':-5\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '$5\r\na\r\nbc\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '=7\r\ntxt:abc\r\n',
  '*0\r\n',
  '*-1\r\n',
  '*3\r\n*1\r\n$1\r\na\r\n*0\r\n:1\r\n',
  '%1\r\n+a\r\n~2\r\n:1\r\n_\r\n',
  '>2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$2\r\n\u00fc\r\n',
  '>0\r\n',
];
const MEANT = [
  'OK',
  new Refusal('ERR no'),
  -5,
  null,
  true,
  '1.5',
  'a\r\nbc',
  '',
  null,
  'abc',
  [],
  null,
  [['a'], [], 1],
  ['a', [1, null]],
  new Push(['invalidate', ['a', '\u00fc']]),
  new Push([]),
];

/** What a reader gives of bytes that come in pieces. */
function readIn(pieces, reader = new Reader()) {
  return pieces.flatMap((piece) => [...reader.read(piece)]);
}

function piecesOf(bytes, length) {
  return Array.from({ length: Math.ceil(bytes.length / length) }, (_, index) => {
    return bytes.subarray(index * length, (index + 1) * length);
  });
}

test('messages are the same in pieces of every length', () => {
  const bytes = Buffer.from(SAID.join(''));
  for (let length = 1; length <= bytes.length; length += 1) {
    assert.deepEqual(readIn(piecesOf(bytes, length)), MEANT, `pieces of ${length}`);
  }
});

test('a message is given with its last byte, and not before', () => {
  for (const said of SAID) {
    const reader = new Reader();
    const bytes = Buffer.from(said);
    const last = bytes.subarray(-1);
    assert.deepEqual(readIn(piecesOf(bytes.subarray(0, -1), 1), reader), [], said);
    assert.equal(readIn([last], reader).length, 1, said);
  }
});

test('each item of a long message is read once', () => {
  const count = 20_000;
  const items = Array.from({ length: count }, (_, index) => `$5\r\n${10_000 + index}\r\n`);
  const bytes = Buffer.from(`>2\r\n+invalidate\r\n*${count}\r\n${items.join('')}`);
  const textOf = Buffer.prototype.toString;
  let texts = 0;
  Buffer.prototype.toString = function counted(...given) {
    texts += 1;
    return textOf.apply(this, given);
  };
  try {
    const [push] = readIn(piecesOf(bytes, 1000));
    assert.equal(push.parts[1].length, count);
  } finally {
    Buffer.prototype.toString = textOf;
  }
  // Its length and itself, and one that is not whole in each piece.
  assert.ok(texts < 3 * count, `${texts} texts`);
});

test('a long text is put together once', () => {
  const length = 1_000_000;
  const bytes = Buffer.concat([Buffer.from(`$${length}\r\n`), Buffer.alloc(length + 2, '\r\n')]);
  const { concat } = Buffer;
  let joined = 0;
  Buffer.concat = (list, ...more) => {
    for (const part of list) joined += part.length;
    return concat(list, ...more);
  };
  try {
    assert.equal(readIn(piecesOf(bytes, 1000))[0].length, length);
  } finally {
    Buffer.concat = concat;
  }
  assert.ok(joined < 3 * length, `${joined} bytes`);
});

test('what is no message, too deep or too long is refused', () => {
  for (const said of ['?\r\n', '$x\r\n', '*1.5\r\n', 'HTTP/1.1 400\r\n']) {
    assert.throws(() => readIn([Buffer.from(said)]), TypeError, said);
  }
  assert.throws(() => readIn([Buffer.from('*1\r\n'.repeat(10))]), RangeError);
  assert.deepEqual(readIn([Buffer.from(`${'*1\r\n'.repeat(8)}:1\r\n`)]), [[[[[[[[[1]]]]]]]]]);
  const piece = Buffer.alloc(1024 ** 2);
  const reader = new Reader();
  const endless = () => {
    readIn([Buffer.from(`$${128 * 1024 ** 2}\r\n`)], reader);
    for (let count = 0; count < 128; count += 1) readIn([piece], reader);
  };
  assert.throws(endless, RangeError);
});
