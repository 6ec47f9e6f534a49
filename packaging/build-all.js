/**
 * Builds the core for every Linux that is promised, into `target/cores`.
 *
 *     npm run build:all [-- linux-x64-musl …] [--twice]
 *
 * Links with zig against the oldest glibc that is promised: a core that was linked on a new system
 * needs that system's. No path of the machine is in what comes out. `--twice` builds each core
 * again, elsewhere, and fails unless both are equal byte for byte. The cores of macOS and Windows
 * are built there.
 */
'use strict';

const { spawnSync } = require('node:child_process');
const { copyFileSync, mkdirSync, readFileSync, rmSync } = require('node:fs');
const { homedir } = require('node:os');
const path = require('node:path');
const { fileOf } = require('../lib/native/cores.js');
const { OLDEST_GLIBC, problemsOf } = require('./inspect.js');
const { toolchainFor } = require('./toolchain.js');

const REPOSITORY = path.join(__dirname, '..');
const CORES = path.join(REPOSITORY, 'target', 'cores');
const TARGETS = Object.freeze({
  'linux-x64-gnu': 'x86_64-unknown-linux-gnu',
  'linux-arm64-gnu': 'aarch64-unknown-linux-gnu',
  'linux-x64-musl': 'x86_64-unknown-linux-musl',
  'linux-arm64-musl': 'aarch64-unknown-linux-musl',
});

/**
 * Builds some cores, and says of each what came of it.
 *
 * @param {string[]} suffixes
 * @param {boolean} isTwice
 * @returns {boolean} whether all of them are there and right
 */
function buildAll(suffixes, isTwice) {
  mkdirSync(CORES, { recursive: true });
  const outcomes = suffixes.map((suffix) => {
    try {
      console.log(`ok  ${suffix}: ${build(suffix, isTwice)}`);
      return true;
    } catch (error) {
      console.log(`FAILED  ${suffix}: ${error.message}`);
      return false;
    }
  });
  return outcomes.every(Boolean);
}

/** The path of a core that was built just now. */
function build(suffix, isTwice) {
  const toolchain = toolchainFor(TARGETS[suffix]);
  const file = path.join(CORES, fileOf(suffix));
  copyFileSync(compiled(suffix, toolchain, path.join(REPOSITORY, 'target', 'all', suffix)), file);
  const problems = problemsOf(file, suffix);
  if (problems.length > 0) throw new Error(problems.join('; '));
  if (!isTwice) return file;
  const elsewhere = path.join(REPOSITORY, 'target', 'all', `${suffix}-again`);
  rmSync(elsewhere, { recursive: true, force: true });
  const again = readFileSync(compiled(suffix, toolchain, elsewhere));
  rmSync(elsewhere, { recursive: true });
  if (!again.equals(readFileSync(file))) throw new Error('a second build is another file');
  return `${file}, twice the same`;
}

/** The library that cargo makes in a folder. */
function compiled(suffix, { env, flags, rust }, folder) {
  const target = TARGETS[suffix];
  const version = suffix.endsWith('gnu') ? `.${OLDEST_GLIBC}` : '';
  const given = ['zigbuild', '--locked', '--release', '--target', `${target}${version}`, ...flags];
  const { status } = spawnSync('cargo', given, {
    cwd: REPOSITORY,
    stdio: 'inherit',
    env: { ...env, CARGO_TARGET_DIR: folder, CARGO_ENCODED_RUSTFLAGS: rustFlags(suffix, rust) },
  });
  if (status !== 0) throw new Error(`cargo ${given.join(' ')} ended with ${status}`);
  return path.join(folder, target, 'release', 'libshared_memory_store.so');
}

/** No path of this machine is in what it builds; musl needs to be told to build a library. */
function rustFlags(suffix, rust) {
  const cargo = process.env.CARGO_HOME ?? path.join(homedir(), '.cargo');
  const places = { [REPOSITORY]: '/build', [cargo]: '/cargo', [rust]: '/rust' };
  const flags = Object.entries(places).map(([from, to]) => `--remap-path-prefix=${from}=${to}`);
  if (suffix.endsWith('musl')) flags.push('-C', 'target-feature=-crt-static');
  return flags.join('\x1f');
}

function main() {
  const words = process.argv.slice(2);
  const named = words.filter((word) => !word.startsWith('--'));
  const unknown = named.filter((suffix) => !(suffix in TARGETS));
  if (unknown.length > 0) {
    throw new Error(`Expected some of ${Object.keys(TARGETS).join(', ')}, got ${unknown}`);
  }
  const suffixes = named.length > 0 ? named : Object.keys(TARGETS);
  return buildAll(suffixes, words.includes('--twice'));
}

process.exitCode = main() ? 0 : 1;
