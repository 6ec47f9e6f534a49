/** A page that is made for each request, around a value that is cached. */
import { connection } from 'next/server';
import { Suspense } from 'react';
import { cacheLife, cacheTag } from '../cache';

async function drawn() {
  'use cache';
  cacheTag('value');
  cacheLife('hours');
  return Math.random();
}

async function Value() {
  await connection();
  return <p>{`drawn:${await drawn()};`}</p>;
}

export default function Page() {
  return (
    <Suspense fallback="…">
      <Value />
    </Suspense>
  );
}
