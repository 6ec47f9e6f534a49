/** What a cached function says of itself: Next 15 has other names for it. */
import * as cache from 'next/cache';

export const cacheLife = cache.cacheLife ?? cache.unstable_cacheLife;
export const cacheTag = cache.cacheTag ?? cache.unstable_cacheTag;
