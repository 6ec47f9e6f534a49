/** As docs/adapters.md says, for the version that is installed. */
const { version } = require('next/package.json');

const handler = require.resolve('shared-memory-store/next/use-cache');
const cacheHandlers = { default: handler, remote: handler };

module.exports = {
  cacheHandler: require.resolve('shared-memory-store/next'),
  cacheMaxMemorySize: 0,
  ...(version.startsWith('15.')
    ? { experimental: { useCache: true, cacheHandlers } }
    : { cacheComponents: true, cacheHandlers }),
};
