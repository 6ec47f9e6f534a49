/**
 * The installers of packages that people have: each installs into an empty project, and runs there.
 *
 * None runs a script of a package, and none finds a compiler in its PATH.
 */
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { NAME } = require('../../lib/native/cores');
const { run, tool } = require('./run');

const QUIET = Object.freeze(['--no-audit', '--no-fund', '--loglevel=error']);
/** The newest that run on the oldest Node. */
const TOOLS = Object.freeze(['npm@10', 'pnpm@9', '@yarnpkg/cli-dist@4']);
/** How npm calls the C libraries. */
const LIBRARIES = Object.freeze({ gnu: 'glibc', musl: 'musl' });

/** Installs the installers; a folder for what they keep, too, so that none takes it from there. */
function toolsFor(folder) {
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }');
  run('npm', ['install', ...QUIET, ...TOOLS], folder);
  const modules = path.join(folder, 'node_modules');
  return {
    npm: path.join(modules, 'npm', 'bin', 'npm-cli.js'),
    pnpm: path.join(modules, 'pnpm', 'bin', 'pnpm.cjs'),
    yarn: path.join(modules, '@yarnpkg', 'cli-dist', 'bin', 'yarn.js'),
    home: folder,
  };
}

/** Runs a program where there is no compiler; returns what it wrote. */
function alone(program, given, project, { bare, tools }) {
  const set = [`PATH=${bare}`, `HOME=${tools.home}`, `XDG_CACHE_HOME=${tools.home}/cache`];
  return run('/usr/bin/env', ['-i', ...set, program, ...given], project);
}

function node(given, project, where) {
  return alone(process.execPath, given, project, where);
}

function expectQuiet(printed) {
  if (/\bwarn/i.test(printed)) throw new Error(`it warns: ${printed}`);
}

const INSTALLERS = Object.freeze({
  npm(project, where) {
    expectQuiet(node([where.tools.npm, 'install', '--ignore-scripts', NAME], project, where));
    node(['smoke.js'], project, where);
  },
  pnpm(project, where) {
    const store = `--store-dir=${path.join(where.tools.home, 'pnpm-store')}`;
    const given = [where.tools.pnpm, 'add', '--ignore-scripts', store, NAME];
    expectQuiet(node(given, project, where));
    node(['smoke.js'], project, where);
  },
  yarn(project, where) {
    const lines = [
      `npmRegistryServer: "${where.registry}"`,
      'unsafeHttpWhitelist: ["127.0.0.1"]',
      'enableGlobalCache: false',
      'enableScripts: false',
      'enableTelemetry: false',
      'nodeLinker: pnp',
    ];
    writeFileSync(path.join(project, '.yarnrc.yml'), `${lines.join('\n')}\n`);
    // Without a lock file of its own, a project belongs to one above it.
    writeFileSync(path.join(project, 'yarn.lock'), '');
    node([where.tools.yarn, 'add', NAME], project, where);
    node([where.tools.yarn, 'node', 'smoke.js'], project, where);
  },
  bun(project, where) {
    alone(tool('bun'), ['add', '--ignore-scripts', NAME], project, where);
    alone(tool('bun'), ['smoke.js'], project, where);
  },
});

/** Installs for another platform than this one, as npm does there. */
function installFor(suffix, project, where) {
  const [os, cpu, library] = suffix.split('-');
  const system = [`--os=${os}`, `--cpu=${cpu}`, `--libc=${LIBRARIES[library]}`];
  node([where.tools.npm, 'install', '--ignore-scripts', ...system, NAME], project, where);
}

module.exports = { INSTALLERS, installFor, toolsFor };
