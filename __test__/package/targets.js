/**
 * Installs a release from a registry on this machine, and uses it on every platform that runs here.
 *
 *     npm run test:targets [-- linux-x64-musl …]
 *
 * Takes the cores that `npm run build:all` made, or else the one of this checkout. Each installer
 * gets an empty project, no scripts, and a PATH with neither Rust nor a compiler in it. Platforms
 * of other processors run in an emulator, and of the suite of the verbs what waits for nothing.
 */
const { spawn } = require('node:child_process');
const { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync } = require('node:fs');
const { rmSync, symlinkSync, writeFileSync } = require('node:fs');
const { once } = require('node:events');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { NAME, fileOf } = require('../../lib/native/cores');
const { release } = require('../../packaging/release');
const { INSTALLERS, installFor, toolsFor } = require('./installers');
const { PLATFORMS } = require('./platforms');
const { REPOSITORY, run, step } = require('./run');

const BUILT = path.join(REPOSITORY, 'target', 'cores');
const OWN = path.join(REPOSITORY, 'lib', 'native');
const SMOKE = path.join(__dirname, 'smoke.js');

async function main(folder) {
  const cores = existsSync(BUILT) ? BUILT : OWN;
  const named = process.argv.slice(2);
  const isWanted = (suffix) => named.length === 0 || named.includes(suffix);
  const wanted = Object.keys(PLATFORMS).filter((suffix) => {
    return isWanted(suffix) && existsSync(path.join(cores, fileOf(suffix)));
  });
  if (wanted.length === 0) throw new Error(`Expected a core in ${cores}: npm run build:all`);
  const registry = await startRegistry(release(cores, { some: true, into: newFolder('made') }));
  const tools = toolsFor(newFolder('tools'));
  const bare = barePath(newFolder('bare'));
  for (const suffix of wanted) {
    const platform = PLATFORMS[suffix]();
    if (platform.isNative) {
      for (const name of Object.keys(INSTALLERS)) {
        step(`${name} installs ${suffix}, and it works`, () => {
          const project = newProject(`${suffix}-${name}`, registry.url);
          INSTALLERS[name](project, { tools, bare, registry: registry.url });
        });
      }
    }
    const project = newProject(`${suffix}-alone`, registry.url);
    step(`npm installs ${suffix} for its system`, () => {
      installFor(suffix, project, { tools, bare });
    });
    step(`${suffix} works on ${platform.name}`, () => platform.run('smoke.js', project));
    const core = path.join(project, 'node_modules', `${NAME}-${suffix}`, fileOf(suffix));
    for (const file of platform.tests) {
      step(`${suffix} passes ${path.basename(file)}`, () => {
        platform.run(file, REPOSITORY, { SHARED_MEMORY_STORE_NATIVE_PATH: core });
      });
    }
  }
  registry.end();

  function newFolder(name) {
    const made = path.join(folder, name);
    mkdirSync(made);
    return made;
  }

  /** An empty project with the smoke in it. */
  function newProject(name, url) {
    const project = newFolder(name);
    writeFileSync(path.join(project, 'package.json'), '{ "private": true }');
    writeFileSync(path.join(project, '.npmrc'), `registry=${url}\n`);
    const smoke = readFileSync(SMOKE, 'utf8').replaceAll('../../index.js', NAME);
    writeFileSync(path.join(project, 'smoke.js'), smoke);
    return project;
  }

  /** Packs packages, and what they depend on, and serves them. */
  async function startRegistry(places) {
    const served = newFolder('served');
    const { dependencies } = manifestOf(REPOSITORY);
    const needed = Object.keys(dependencies).map((name) => {
      return path.join(REPOSITORY, 'node_modules', name);
    });
    const packages = [...places, ...needed].map((place) => {
      const copy = path.join(newFolder(`pack-${path.basename(place)}`), 'package');
      cpSync(place, copy, { recursive: true, dereference: true });
      const how = ['--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', served];
      const packed = JSON.parse(run('npm', ['pack', ...how], copy));
      return { manifest: manifestOf(copy), packed: Object.values(packed)[0] };
    });
    writeFileSync(path.join(served, 'packages.json'), JSON.stringify(packages));
    const program = path.join(__dirname, 'registry.js');
    const child = spawn(process.execPath, [program, served], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [line] = await once(child.stdout, 'data');
    return { url: line.toString().trim(), end: () => child.stdin.end() };
  }
}

function manifestOf(folder) {
  return JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
}

/** A folder with Node and a shell, and nothing else. */
function barePath(folder) {
  symlinkSync(process.execPath, path.join(folder, 'node'));
  symlinkSync('/bin/sh', path.join(folder, 'sh'));
  return folder;
}

const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-targets-'));
main(folder)
  .catch((error) => {
    console.error(`FAILED  ${error.message}`);
    process.exitCode = 1;
  })
  .finally(() => rmSync(folder, { recursive: true, force: true }));
