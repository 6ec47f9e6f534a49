/**
 * What cores are built with: Rust with the standard library of a target, and zig to link.
 *
 * Takes what the machine has. On Debian it fetches the rest into `target/toolchain` and changes
 * nothing of the system; elsewhere it says what to install. Knows tools, and nothing of this
 * package.
 */
'use strict';

const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } = require('node:fs');
const { writeFileSync } = require('node:fs');
const path = require('node:path');

const FOLDER = path.join(__dirname, '..', 'target', 'toolchain');
const DEBIAN = path.join(FOLDER, 'debian');
const FROM_PYPI = Object.freeze(['ziglang==0.17.1', 'cargo-zigbuild==0.24.1']);
/** Rust as Debian builds its browsers with: newer than `rustc`, and for other processors, too. */
const RUST_OF_DEBIAN = Object.freeze([
  'rustc-web',
  'libstd-rust-web-dev:amd64',
  'libstd-rust-web-dev:arm64',
  'rust-web-src',
]);

/**
 * @typedef {object} Toolchain
 * @property {NodeJS.ProcessEnv} env that cargo runs in
 * @property {string[]} flags of cargo
 * @property {string} rust the folder of its sources and libraries
 */

/**
 * What builds for a target; throws with what is missing.
 *
 * @param {string} target as Rust calls it
 * @returns {Toolchain}
 */
function toolchainFor(target) {
  const env = { ...process.env, PATH: [...placesOfZig(), process.env.PATH].join(path.delimiter) };
  const own = sysrootOf('rustc', env);
  if (own !== undefined && hasStandardLibrary(own, target)) return { env, flags: [], rust: own };
  if (!isDebian()) throw new Error(`rustup target add ${target}`);
  return rustOfDebian(target, env);
}

function rustOfDebian(target, env) {
  const root = unpacked('rust', RUST_OF_DEBIAN, [
    'libllvm*',
    'libz3-4',
    'libedit2',
    'libstd-rust*',
  ]);
  const given = {
    ...env,
    RUSTC: path.join(root, 'usr', 'bin', 'rustc'),
    LD_LIBRARY_PATH: path.join(root, 'usr', 'lib', 'x86_64-linux-gnu'),
  };
  const rust = path.join(root, 'usr');
  if (hasStandardLibrary(rust, target)) return { env: given, flags: [], rust };
  // Debian has no standard library for musl: it is built from its source.
  const flags = ['-Z', 'build-std=std,panic_unwind'];
  return { env: { ...given, RUSTC_BOOTSTRAP: '1' }, flags, rust };
}

/** The folder with what packages of Debian, and those of their needs that are named, have. */
function unpacked(name, packages, needed = []) {
  const root = path.join(DEBIAN, name);
  if (existsSync(path.join(root, 'done'))) return root;
  const apt = { ...process.env, APT_CONFIG: configuredApt() };
  const all = [...packages, ...neededOf(packages, needed, apt)];
  const folder = path.join(DEBIAN, 'packages', name);
  for (const place of [root, folder]) {
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
  }
  execFileSync('apt-get', ['download', '-qq', ...all], { cwd: folder, env: apt, stdio: 'pipe' });
  for (const file of readdirSync(folder)) {
    execFileSync('dpkg', ['--extract', path.join(folder, file), root]);
  }
  rmSync(folder, { recursive: true });
  writeFileSync(path.join(root, 'done'), '');
  return root;
}

/** Lists of packages for both processors, apart from those of the system. */
function configuredApt() {
  const file = path.join(DEBIAN, 'apt.conf');
  if (existsSync(file)) return file;
  for (const name of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(path.join(DEBIAN, name), { recursive: true });
  }
  const lines = [
    `Dir::State::lists "${DEBIAN}/lists";`,
    `Dir::Cache "${DEBIAN}/cache";`,
    'APT::Architectures { "amd64"; "arm64"; };',
    'APT::Sandbox::User "";',
  ];
  const made = `${file}.made`;
  writeFileSync(made, `${lines.join('\n')}\n`);
  execFileSync('apt-get', ['update', '-qq'], { env: { ...process.env, APT_CONFIG: made } });
  writeFileSync(file, readFileSync(made));
  return file;
}

/** What packages need, directly or not, on this processor, and that is among what is wanted. */
function neededOf(packages, wanted, env) {
  const isWanted = (name) =>
    wanted.some((some) => {
      return some.endsWith('*') ? name.startsWith(some.slice(0, -1)) : name === some;
    });
  const how = ['depends', '--recurse', '--important'];
  const printed = packages.map((name) => {
    return execFileSync('apt-cache', [...how, name], { encoding: 'utf8', env });
  });
  const names = new Set(
    printed
      .join('\n')
      .split('\n')
      .filter((line) => /^\S/.test(line)),
  );
  return [...names].filter((name) => isWanted(name) && !name.includes(':'));
}

/** The folders with cargo-zigbuild and zig, which are installed if the machine has none. */
function placesOfZig() {
  if (spawnSync('cargo', ['zigbuild', '--version']).status === 0) return [];
  const place = path.join(FOLDER, 'python');
  const programs = path.join(place, 'bin');
  if (!existsSync(path.join(programs, 'cargo-zigbuild'))) {
    const made = spawnSync('python3', ['-m', 'venv', place]);
    if (made.status !== 0) throw new Error(`pip install ${FROM_PYPI.join(' ')}`);
    execFileSync(path.join(programs, 'pip'), ['install', '--quiet', ...FROM_PYPI]);
  }
  return [programs];
}

function sysrootOf(command, env) {
  const { status, stdout } = spawnSync(command, ['--print', 'sysroot'], { encoding: 'utf8', env });
  return status === 0 ? stdout.trim() : undefined;
}

function hasStandardLibrary(sysroot, target) {
  return existsSync(path.join(sysroot, 'lib', 'rustlib', target, 'lib'));
}

function isDebian() {
  return process.arch === 'x64' && existsSync('/etc/debian_version');
}

module.exports = { FOLDER, isDebian, toolchainFor, unpacked };
