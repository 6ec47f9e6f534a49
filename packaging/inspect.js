/**
 * Looks into a core that was built for Linux: what it needs, and what it must not have in it.
 *
 * Reads the file's text alone, so that any machine can look into the core of any other.
 */
'use strict';

const { readFileSync } = require('node:fs');
const { homedir } = require('node:os');
const path = require('node:path');

/** Of glibc: what CentOS 7, Debian 8 and everything since have. */
const OLDEST_GLIBC = '2.17';
const GLIBC_NEEDED = /GLIBC_(\d+)\.(\d+)/g;
/** What an ELF file says of its processor, at byte 18. */
const PROCESSORS = Object.freeze({ x64: 62, arm64: 183 });
const PROCESSOR_AT_BYTE = 18;

/**
 * What is wrong with a core for a platform, as sentences.
 *
 * @param {string} file
 * @param {string} suffix of the platform's name: `linux-x64-gnu`
 * @returns {string[]}
 */
function problemsOf(file, suffix) {
  const bytes = readFileSync(file);
  const text = bytes.toString('latin1');
  const [, processor, library] = suffix.split('-');
  const problems = [];
  if (bytes.readUInt16LE(PROCESSOR_AT_BYTE) !== PROCESSORS[processor]) {
    problems.push(`it is not for ${processor}`);
  }
  const newest = newestGlibc(text);
  if (library === 'musl' && newest !== undefined) problems.push('it needs glibc');
  if (library === 'gnu' && newest === undefined) problems.push('it needs no glibc');
  if (library === 'gnu' && isNewer(newest, OLDEST_GLIBC)) problems.push(`it needs glibc ${newest}`);
  const places = [homedir(), path.resolve(__dirname, '..')].filter((place) => place !== '/');
  for (const place of places) {
    if (text.includes(`${place}/`)) problems.push(`it has paths of this machine in it: ${place}`);
  }
  return problems;
}

/** The newest version of glibc that a file names. */
function newestGlibc(text) {
  const names = [...text.matchAll(GLIBC_NEEDED)].map(([, major, minor]) => `${major}.${minor}`);
  return names.reduce((newest, name) => (isNewer(newest, name) ? newest : name), names[0]);
}

/** Whether one version is newer than another. */
function isNewer(one, other) {
  const [major, minor] = (one ?? '0.0').split('.').map(Number);
  const [otherMajor, otherMinor] = other.split('.').map(Number);
  return major > otherMajor || (major === otherMajor && minor > otherMinor);
}

module.exports = { OLDEST_GLIBC, problemsOf };
