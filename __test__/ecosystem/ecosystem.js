/**
 * Runs suites of people who test with Jest, Vitest, Mocha or node:test, over the packed package.
 *
 *     npm run test:ecosystem [-- --short] [-- jest adapters …]
 *
 * Needs npm's registry. Each project is installed as its users would, and none asks its runner to
 * end the process: what keeps it alive is a defect. The short form leaves out what differs little.
 */
const { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { outputs, run } = require('../package/run');
const { pack } = require('../package/tarball');
const { COMPLAINTS, PROJECTS } = require('./projects');

/** What suites have beside them. */
const HELPERS = ['web-servers.js'];
const HELPERS_FOLDER = path.join(__dirname, '..', 'helpers');

const isShort = process.argv.includes('--short');
/** The projects to run; all if none is named. */
const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-ecosystem-'));

/** How many of the runs failed. */
function main() {
  const { filename } = pack(['--pack-destination', folder]);
  const tarball = path.join(folder, filename);
  let failed = 0;
  const isWanted = ({ name }) => wanted.length === 0 || wanted.includes(name);
  for (const project of PROJECTS.filter(isWanted)) {
    const place = install(project, tarball);
    for (const check of project.runs.filter(({ isLong }) => !(isLong && isShort))) {
      const complaint = complaintOf(check, place);
      if (complaint !== undefined) failed += 1;
      console.log(complaint === undefined ? `ok  ${check.what}` : `FAILED  ${complaint}`);
    }
  }
  return failed;
}

/** What a runner has to say against the package; `undefined` for nothing. */
function complaintOf({ what, command }, place) {
  try {
    const { stdout, stderr } = outputs(process.execPath, command(place), place);
    const printed = stdout + stderr;
    const found = COMPLAINTS.find((complaint) => complaint.test(printed));
    return found === undefined ? undefined : `${what} printed ${found}:\n${printed}`;
  } catch (error) {
    return `${what}: ${error.message}`;
  }
}

/** The folder of a project with its suites, and with the package in it. */
function install({ name, suites = name, packages }, tarball) {
  const place = path.join(folder, name);
  mkdirSync(place);
  cpSync(path.join(__dirname, 'suites', suites), place, { recursive: true });
  for (const helper of HELPERS) cpSync(path.join(HELPERS_FOLDER, helper), path.join(place, helper));
  writeFileSync(path.join(place, 'package.json'), '{ "private": true }');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'];
  run('npm', ['install', ...quiet, tarball, ...packages], place);
  return place;
}

try {
  process.exitCode = main() === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
