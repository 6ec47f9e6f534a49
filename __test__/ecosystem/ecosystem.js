/**
 * Runs suites of people who test with Jest, Vitest, Mocha or node:test, over the packed package.
 *
 *     npm run test:ecosystem [-- --short]
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

const isShort = process.argv.includes('--short');
const folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-ecosystem-'));

/** How many of the runs failed. */
function main() {
  const { filename } = pack(['--pack-destination', folder]);
  const tarball = path.join(folder, filename);
  let failed = 0;
  for (const project of PROJECTS) {
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
function install({ name, packages }, tarball) {
  const place = path.join(folder, name);
  mkdirSync(place);
  cpSync(path.join(__dirname, 'suites', name), place, { recursive: true });
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
