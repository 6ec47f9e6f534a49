/**
 * Checks the package as people get it: packed, installed in an empty project, used in every way.
 *
 *     npm run test:package
 *
 * Needs npm's registry, for TypeScript 5.9 alone. Ends with 1 and a line that says what failed.
 */
const assert = require('node:assert/strict');
const { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { CONSUMERS } = require('./consumers');
const { run, step, tool } = require('./run');
const { checkTarball } = require('./tarball');
const { COMPILATIONS, compile } = require('./typescript');

/** The oldest TypeScript that the typings are promised for. */
const OLDER_TYPESCRIPT = '5.9';

const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-package-'));

function main() {
  const tarball = checkTarball(folder);
  step('its manifest is right (publint)', () => run(tool('publint'), ['--strict', tarball]));
  step('its types resolve everywhere (attw)', () => run(tool('attw'), [tarball]));

  const project = newProject('npm');
  step('npm installs it', () => install(project, tarball));
  step('no dependency of it has an install script', () => checkNoScripts(project));
  for (const name of Object.keys(CONSUMERS)) {
    step(`Node runs ${name}`, () => run(process.execPath, [name], project));
  }

  const bunProject = newProject('bun');
  step('Bun installs it', () => run(tool('bun'), ['add', tarball], bunProject));
  for (const name of Object.keys(CONSUMERS)) {
    step(`Bun runs ${name}`, () => run(tool('bun'), [name], bunProject));
  }

  const older = newProject('typescript');
  step(`npm installs TypeScript ${OLDER_TYPESCRIPT}`, () =>
    install(older, `typescript@${OLDER_TYPESCRIPT}`),
  );
  const compilers = {
    current: tool('tsc'),
    older: path.join(older, 'node_modules', '.bin', 'tsc'),
  };
  for (const [compiler, command] of Object.entries(compilers)) {
    const version = run(command, ['--version']).trim().replace('Version', 'TypeScript');
    for (const compilation of COMPILATIONS.filter(({ compilers: of }) => of.includes(compiler))) {
      step(`${version} compiles ${compilation.name}`, () => compile(command, compilation, project));
    }
  }
}

/** An empty project with the consumers in it. */
function newProject(name) {
  const project = path.join(folder, name);
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
  for (const [file, source] of Object.entries(CONSUMERS)) {
    writeFileSync(path.join(project, file), source);
  }
  return project;
}

function install(project, what) {
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', what], project);
}

/** npm warns of such scripts, and newer versions do not run them. */
function checkNoScripts(project) {
  const lock = JSON.parse(readFileSync(path.join(project, 'package-lock.json'), 'utf8'));
  const installed = Object.entries(lock.packages).filter(([name]) => name !== '');
  const withScripts = installed.filter(([, { hasInstallScript }]) => hasInstallScript);
  assert.ok(installed.length > 1, 'nothing was installed');
  assert.deepEqual(withScripts, []);
}

try {
  main();
} catch (error) {
  console.error(`FAILED  ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
