/** As docs/adapters.md says. */
const handler = require.resolve('shared-memory-store/next/use-cache');

module.exports = {
  cacheHandler: require.resolve('shared-memory-store/next'),
  cacheMaxMemorySize: 0,
  cacheComponents: true,
  cacheHandlers: { default: handler, remote: handler },
};
