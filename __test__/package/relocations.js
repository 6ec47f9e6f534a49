/**
 * Rewrites the packed relocations of a library as plain ones, which older loaders know, too.
 *
 * musl reads `DT_RELR` since 1.2.4 only; without it, a library's pointers to itself stay wrong.
 * Takes ELF files of 64 bits, least byte first. The plain table goes to the end of the file, and a
 * program header that only says something to people (`PT_NOTE`) becomes the one that maps it.
 */
const { readFileSync, writeFileSync } = require('node:fs');

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_NOTE = 4;
const DT_NULL = 0;
const DT_RELA = 7;
const DT_RELASZ = 8;
const DT_RELRSZ = 35;
const DT_RELR = 36;
/** A tag without meaning to loaders. */
const DT_DEBUG = 21;
/** That an address is moved by where the library lies, by the number of its processor. */
const R_RELATIVE = Object.freeze({ 62: 8n, 183: 1027n });
const RELA_BYTES = 24;
const PAGE = 0x10000;
const PF_R = 4;
const WORD = 8;

/** @param {string} file */
function unpackRelocations(file) {
  const bytes = readFileSync(file);
  const headers = programHeaders(bytes);
  const tags = dynamicTags(
    bytes,
    headers.find(({ type }) => type === PT_DYNAMIC),
  );
  if (!tags.has(DT_RELR)) return;
  const offsetOf = (address) => {
    const of = headers.find((h) => h.type === PT_LOAD && address >= h.address && address < h.end);
    return address - of.address + of.offset;
  };
  const relative = R_RELATIVE[bytes.readUInt16LE(18)];
  const plain = addressesOf(bytes, offsetOf(tags.get(DT_RELR).value), tags.get(DT_RELRSZ).value);
  const added = Buffer.alloc(plain.length * RELA_BYTES);
  for (const [index, address] of plain.entries()) {
    added.writeBigUInt64LE(BigInt(address), index * RELA_BYTES);
    added.writeBigUInt64LE(relative, index * RELA_BYTES + 8);
    added.writeBigUInt64LE(bytes.readBigUInt64LE(offsetOf(address)), index * RELA_BYTES + 16);
  }
  const from = offsetOf(tags.get(DT_RELA).value);
  const table = Buffer.concat([bytes.subarray(from, from + tags.get(DT_RELASZ).value), added]);
  const lastEnd = Math.max(...headers.filter((h) => h.type === PT_LOAD).map((h) => h.end));
  const address = Math.ceil(lastEnd / PAGE) * PAGE;
  const offset = Math.ceil(bytes.length / PAGE) * PAGE;
  const note = headers.find(({ type }) => type === PT_NOTE).at;
  bytes.writeUInt32LE(PT_LOAD, note);
  bytes.writeUInt32LE(PF_R, note + 4);
  const fields = [offset, address, address, table.length, table.length, PAGE];
  for (const [index, field] of fields.entries()) {
    bytes.writeBigUInt64LE(BigInt(field), note + 8 + index * WORD);
  }
  write(bytes, tags.get(DT_RELA).at, DT_RELA, address);
  write(bytes, tags.get(DT_RELASZ).at, DT_RELASZ, table.length);
  write(bytes, tags.get(DT_RELR).at, DT_DEBUG, 0);
  writeFileSync(file, Buffer.concat([bytes, Buffer.alloc(offset - bytes.length), table]));
}

/** The addresses that a packed table names: one as it is, and after it 63 by each map of bits. */
function addressesOf(bytes, offset, size) {
  const found = [];
  let next = 0;
  for (let at = offset; at < offset + size; at += WORD) {
    const entry = bytes.readBigUInt64LE(at);
    if ((entry & 1n) === 0n) {
      found.push(Number(entry));
      next = Number(entry) + WORD;
      continue;
    }
    for (let bit = 1; bit < 64; bit++) {
      if ((entry >> BigInt(bit)) & 1n) found.push(next + (bit - 1) * WORD);
    }
    next += 63 * WORD;
  }
  return found;
}

function programHeaders(bytes) {
  const first = Number(bytes.readBigUInt64LE(32));
  const size = bytes.readUInt16LE(54);
  return Array.from({ length: bytes.readUInt16LE(56) }, (_none, index) => {
    const at = first + index * size;
    const field = (number) => Number(bytes.readBigUInt64LE(at + 8 + number * WORD));
    const [offset, address, inMemory] = [field(0), field(1), field(4)];
    return { at, type: bytes.readUInt32LE(at), offset, address, end: address + inMemory };
  });
}

function dynamicTags(bytes, { offset }) {
  const tags = new Map();
  for (let at = offset; ; at += 2 * WORD) {
    const tag = Number(bytes.readBigUInt64LE(at));
    if (tag === DT_NULL) return tags;
    tags.set(tag, { at, value: Number(bytes.readBigUInt64LE(at + WORD)) });
  }
}

function write(bytes, at, tag, value) {
  bytes.writeBigUInt64LE(BigInt(tag), at);
  bytes.writeBigUInt64LE(BigInt(value), at + WORD);
}

module.exports = { unpackRelocations };
