/**
 * A registry of npm packages on this machine, which knows those that it was given and no others.
 *
 *     node registry.js <folder of tarballs>
 *
 * The folder has `packages.json`, too: of each tarball what `npm pack --json` said of it and the
 * manifest inside. Writes its address as the only line, and ends with its standard input.
 */
const { readFileSync } = require('node:fs');
const http = require('node:http');
const path = require('node:path');

/** What registries say of a package: https://github.com/npm/registry, `package-metadata`. */
function metadataOf({ manifest, packed }, address) {
  const { name, version } = manifest;
  const { shasum, integrity, filename } = packed;
  const dist = { tarball: `${address}/-/${filename}`, shasum, integrity };
  const published = '2020-01-01T00:00:00.000Z';
  return {
    name,
    'dist-tags': { latest: version },
    time: { created: published, modified: published, [version]: published },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
  };
}

function serve(folder) {
  const packages = JSON.parse(readFileSync(path.join(folder, 'packages.json'), 'utf8'));
  const server = http.createServer(({ url }, response) => {
    const asked = decodeURIComponent(url.split('?')[0].slice(1));
    const found = packages.find(({ manifest }) => manifest.name === asked);
    const tarball = packages.find(({ packed }) => asked === `-/${packed.filename}`);
    if (found !== undefined) {
      const { port } = server.address();
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(metadataOf(found, `http://127.0.0.1:${port}`)));
    } else if (tarball !== undefined) {
      response.end(readFileSync(path.join(folder, tarball.packed.filename)));
    } else {
      response.statusCode = 404;
      response.end('{}');
    }
  });
  server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
  process.stdin.on('end', () => process.exit()).resume();
}

serve(process.argv[2]);
