/**
 * Programs that bundlers and tracers made of one that uses the package, run where nothing else is.
 */
const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync } = require('node:fs');
const { readdirSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { after, before, beforeEach, test } = require('node:test');

const APP = path.join(__dirname, 'app.cjs');
const NATIVE = path.join(__dirname, 'node_modules', 'shared-memory-store', 'lib', 'native');
const CORE = readdirSync(NATIVE).find((name) => name.endsWith('.node'));
const EXPECTED = ['one', 'by a factory', 'all', 2, 'ERR_INVALID_KEY'];
const ANSWER = `${JSON.stringify(EXPECTED)}\n`;
const SLOW = { timeout: 300_000 };

let folder;
/** Where a program is put: nothing of this project is found from there. */
let out;

before(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'shared-memory-store-bundlers-'));
});

beforeEach((context) => {
  out = path.join(folder, String(context.name).replaceAll(' ', '-'));
  mkdirSync(out);
});

after(() => rmSync(folder, { recursive: true, force: true }));

function run(program, ...given) {
  const stdio = ['ignore', 'pipe', 'pipe'];
  const { status, stdout, stderr } = spawnSync(program, given, {
    cwd: out,
    encoding: 'utf8',
    stdio,
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
  assert.equal(stderr, '');
  return stdout;
}

function copyCore(to = out) {
  copyFileSync(path.join(NATIVE, CORE), path.join(to, CORE));
}

for (const loader of ['copy', 'file']) {
  test(`esbuild, ${loader}`, SLOW, async () => {
    const { build } = require('esbuild');
    const outfile = path.join(out, 'app.cjs');
    const how = { bundle: true, platform: 'node', logLevel: 'silent', loader: { '.node': loader } };
    await build({ entryPoints: [APP], outfile, ...how });
    assert.equal(run(process.execPath, outfile), ANSWER);
  });
}

test('webpack', SLOW, async () => {
  const webpack = require('webpack');
  const compiler = webpack({
    entry: APP,
    mode: 'production',
    target: 'node20',
    output: { path: out, filename: 'app.cjs' },
    module: { rules: [{ test: /\.node$/, type: 'asset/resource' }] },
  });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, done) => (error ? reject(error) : resolve(done)));
  });
  assert.deepEqual(stats.toJson({ errors: true }).errors, []);
  assert.equal(run(process.execPath, path.join(out, 'app.cjs')), ANSWER);
});

test('rollup, the core beside the program', SLOW, async () => {
  const { rollup } = require('rollup');
  const { default: commonjs } = await import('@rollup/plugin-commonjs');
  const { nodeResolve } = await import('@rollup/plugin-node-resolve');
  const bundle = await rollup({
    input: APP,
    external: [/^node:/, /\.node$/],
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
  });
  const file = path.join(out, 'app.cjs');
  await bundle.write({ file, format: 'cjs', inlineDynamicImports: true });
  copyCore();
  assert.equal(run(process.execPath, file), ANSWER);
});

test('ncc', SLOW, async () => {
  const { code, assets } = await require('@vercel/ncc')(APP, { quiet: true, cache: false });
  writeFileSync(path.join(out, 'app.cjs'), code);
  for (const [name, { source }] of Object.entries(assets)) {
    mkdirSync(path.dirname(path.join(out, name)), { recursive: true });
    writeFileSync(path.join(out, name), source);
  }
  assert.equal(run(process.execPath, path.join(out, 'app.cjs')), ANSWER);
});

test('nft, as Next standalone', SLOW, async () => {
  const { nodeFileTrace } = await import('@vercel/nft');
  const { fileList } = await nodeFileTrace([APP], { base: __dirname });
  for (const file of fileList) cpSync(path.join(__dirname, file), path.join(out, file));
  assert.equal(run(process.execPath, path.join(out, 'app.cjs')), ANSWER);
});

test('a single executable of Node, the core beside it', SLOW, async () => {
  const { build } = require('esbuild');
  const main = path.join(out, 'main.cjs');
  const how = { bundle: true, platform: 'node', logLevel: 'silent', external: ['*.node'] };
  await build({ entryPoints: [APP], outfile: main, ...how });
  const blob = path.join(out, 'app.blob');
  const config = path.join(out, 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({ main, output: blob, disableExperimentalSEAWarning: true }),
  );
  execFileSync(process.execPath, ['--experimental-sea-config', config], { stdio: 'ignore' });
  const program = path.join(out, 'bin', 'app');
  mkdirSync(path.dirname(program));
  copyFileSync(process.execPath, program);
  chmodSync(program, 0o755);
  const { inject } = require('postject');
  await inject(program, 'NODE_SEA_BLOB', require('node:fs').readFileSync(blob), {
    sentinelFuse: 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2',
  });
  assert.throws(() => run(program), /put the core of this platform beside/);
  copyCore(path.dirname(program));
  assert.equal(run(program), ANSWER);
});

test('bun build --compile', SLOW, () => {
  // What `bun` of npm puts into `.bin` is made by a script, and none runs here.
  const platform = `bun-${process.platform}-${process.arch}`;
  const bun = path.join(__dirname, 'node_modules', '@oven', platform, 'bin', 'bun');
  const program = path.join(out, 'app');
  execFileSync(bun, ['build', '--compile', APP, '--outfile', program], { cwd: __dirname });
  assert.equal(run(program), ANSWER);
});
