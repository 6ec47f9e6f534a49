/** A page that `next build` makes, until its tag is revalidated. */
import { cacheLife, cacheTag } from '../cache';

async function drawn() {
  'use cache';
  cacheTag('page');
  cacheLife('hours');
  return Math.random();
}

export default async function Page() {
  return <p>{`drawn:${await drawn()};`}</p>;
}
