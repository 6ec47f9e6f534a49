/** Revalidates a tag at once. */
import { revalidateTag } from 'next/cache';

export async function GET(request) {
  revalidateTag(request.nextUrl.searchParams.get('tag'), { expire: 0 });
  return Response.json({ done: true });
}
