/**
 * Packs the package, and looks at what is in it and what is not.
 */
const assert = require('node:assert/strict');
const path = require('node:path');
const { stage } = require('../../packaging/stage');
const { run } = require('./run');

/** What people get; nothing else, and all of it. */
const EXPECTED = [
  /^package\.json$/,
  /^README\.md$/,
  /^LICENSE$/,
  /^index\.(js|d\.ts)$/,
  /^lib\/([a-z.-]+\/){0,3}[a-z-]+\.js$/,
  /^lib\/cli\/ui\/page\/[a-z]+\.(html|css|mjs)$/,
  /^lib\/cli\/ui\/page\/uplot\/(LICENSE|uplot\.(css|mjs))$/,
  /^lib\/values\/msgpackr\/(LICENSE|msgpackr\.cjs)$/,
  /^lib\/(store\/interface|(shared|fleet)\/[a-z]+-store|session\/session)\.d\.ts$/,
  /^lib\/shared\/opening\/observing\/store-observer\.d\.ts$/,
  /^lib\/adapters\/[a-z-]+\/([a-z.-]+\/)?[a-z-]+\.d\.ts$/,
  /^docs\/(guides\/)?[A-Za-z-]+\.md$/,
  /^docs\/guides\/grafana-dashboard\.json$/,
  /^docs\/examples\/(shared\/)?[a-z-]+\.m?js$/,
  /^lib\/native\/shared-memory-store\.[a-z0-9-]+\.node$/,
  /^lib\/native\/THIRD-PARTY-NOTICES\.txt$/,
];
const MADE = ['start', 'shared', 'fleet', 'cli'].map((name) => `lib/made/${name}.js`);
const ONE_OF_EACH = ['index.js', 'index.d.ts', 'docs/CHANGELOG.md', ...MADE];

/** The name of the tarball, and the paths of the files in it; `options` are npm's. */
function pack(options) {
  const folder = stage();
  const all = ['pack', '--json', '--loglevel=error', ...options];
  const packed = JSON.parse(run('npm', all, folder));
  // npm 12 prints an object by package name, earlier ones an array.
  const [{ filename, files }] = Array.isArray(packed) ? packed : Object.values(packed);
  return { filename, paths: files.map((file) => file.path.replaceAll('\\', '/')) };
}

/** @returns {string} the path of the tarball, in `folder` */
function checkTarball(folder) {
  const { filename, paths } = pack(['--pack-destination', folder]);
  for (const found of paths) {
    assert.ok(
      EXPECTED.some((pattern) => pattern.test(found)),
      `the tarball has ${found}, which nobody needs`,
    );
  }
  for (const pattern of EXPECTED) {
    assert.ok(
      paths.some((found) => pattern.test(found)),
      `the tarball lacks ${pattern}`,
    );
  }
  for (const wanted of ONE_OF_EACH) assert.ok(paths.includes(wanted), `it lacks ${wanted}`);
  console.log(`ok  the tarball has ${paths.length} files, and no others`);
  return path.join(folder, filename);
}

module.exports = { checkTarball, pack };
