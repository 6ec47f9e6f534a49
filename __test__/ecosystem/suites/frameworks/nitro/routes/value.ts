/** Keeps a value under a key, if there is one; gives what is there. */
export default defineEventHandler(async (event) => {
  const { key, value } = getQuery(event);
  const storage = useStorage('app');
  if (value !== undefined) await storage.setItem(key, value);
  return { value: await storage.getItem(key) };
});
