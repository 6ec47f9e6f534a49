/** What people write: the driver by its name, and options that JSON can say. */
export default {
  compatibilityDate: '2026-01-01',
  storage: {
    app: { driver: 'shared-memory-store/unstorage', name: process.env.STORE_NAME, base: 'app' },
  },
};
