/**
 * The contract of `shared-memory-store/session`: data of a visitor, under an id in a cookie.
 *
 * What `harpiats/session` documents, and more; a drop-in for it.
 */
import type { Store } from '../adapters/drop-ins/memory-store.js';

export type { Store } from '../adapters/drop-ins/memory-store.js';

/** Where a session id may come from. */
export type SessionRequest =
  /** A web `Request`, and requests that are built on it. */
  | { readonly headers: { get(name: string): string | null | undefined } }
  /** An `IncomingMessage` of Node, and requests that are built on it. */
  | { readonly headers: { readonly cookie?: string | undefined } }
  /** Cookies as Harpia, Bun and others hold them: in a jar with `get`. */
  | { readonly cookies: { get(name: string): unknown } }
  /** Cookies as Express' cookie-parser and others hold them: by name. */
  | { readonly cookies: Readonly<Record<string, unknown>> };

/** What a session cookie can be put on. */
export type SessionResponse =
  /** A web `Response`, that of Harpia, and others with web headers. */
  | { readonly headers: { append(name: string, value: string): unknown } }
  /** A `ServerResponse` of Node, and responses that are built on it. */
  | { appendHeader(name: string, value: string): unknown }
  | {
      getHeader(name: string): number | string | string[] | undefined;
      setHeader(name: string, value: string[]): unknown;
    }
  /** Web `Headers`, for a response that is yet to be made. */
  | { append(name: string, value: string): unknown; getSetCookie(): string[] };

/** Attributes of the session cookie. */
export interface CookieOptions {
  /** The path below which browsers send the cookie; `''` for that of the request. Default: `'/'`. */
  readonly path?: string | undefined;
  /** The domain to which, with its subdomains, browsers send it. Default: this host alone. */
  readonly domain?: string | undefined;
  /**
   * Seconds for which browsers keep it: a whole number. Default: the session's `ttl`, rounded
   * up; without one, until the browser is closed.
   */
  readonly maxAge?: number | undefined;
  /** The same as a point in time. */
  readonly expires?: Date | undefined;
  /** Whether scripts of the page cannot read it. Default: `true`. */
  readonly httpOnly?: boolean | undefined;
  /** Whether browsers send it over HTTPS only. Default: `false`. Set it wherever there is HTTPS. */
  readonly secure?: boolean | undefined;
  /**
   * Whether browsers send it along with what other sites ask for: `'None'` always (needs
   * `secure`), `'Lax'` when a link is followed, `'Strict'` and `true` never. Default: `'Lax'`.
   */
  readonly sameSite?: 'Lax' | 'Strict' | 'None' | 'lax' | 'strict' | 'none' | boolean | undefined;
  /** Which cookies browsers drop first when they have too many. */
  readonly priority?: 'Low' | 'Medium' | 'High' | 'low' | 'medium' | 'high' | undefined;
  /** Whether browsers keep one per site that embeds this one (CHIPS). Needs `secure`. */
  readonly partitioned?: boolean | undefined;
}

/** Options of the constructor. */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's `Session` must compile
export interface SessionOptions<T extends object = Record<string, any>> {
  /** Where the data are. Default: a `MemoryStore` of its own. */
  readonly store?: Store<T> | undefined;
  /** The name of the cookie. Default: `'session_id'`. */
  readonly cookieName?: string | undefined;
  /**
   * Milliseconds after which a session ends: a whole number, 1 … 2^53. The store sees to it, see
   * {@link Store.set}. Default: sessions end as the store says.
   */
  readonly ttl?: number | undefined;
  /** Whether each `get`, `fromRequest` and `update` starts `ttl` anew. Default: `false`. */
  readonly rolling?: boolean | undefined;
  /** Attributes of every cookie, those of removal included. */
  readonly cookie?: CookieOptions | undefined;
}

/**
 * Sessions: data of a visitor in a store, under a random id that a cookie carries.
 *
 * Changes are atomic within this process, over any store: concurrent `update`s are all applied,
 * and none brings back a session that was deleted.
 *
 * @typeParam T The type of the data. Default: `Record<string, any>`, as in Harpia.
 *
 * @example
 * const session = new Session({ ttl: 1_800_000, rolling: true });
 * // In a handler of a log-in:
 * session.setCookie(res, await session.create({ userId: 123 }), { secure: true });
 * // In any other:
 * const user = await session.fromRequest(req);
 */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's must compile
export declare class Session<T extends object = Record<string, any>> {
  /**
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE` (a cookie name or attribute
   *   that no header can have; `rolling` without `ttl`), `ERR_UNKNOWN_OPTION`,
   *   `ERR_CONSTRUCT_CALL_REQUIRED`; RangeError `ERR_OUT_OF_RANGE`.
   */
  constructor(options?: SessionOptions<T>);

  /**
   * Starts a session.
   *
   * @param data An object (not an array). The memory store keeps it by reference.
   * @returns The id: a random UUID.
   */
  create(data: T): Promise<string>;

  /**
   * The data of a session, or `undefined`. Out of the memory store it is the very object: what is
   * assigned to it counts without an `update`.
   *
   * @param id `undefined` and `null`, which cookie jars give for a cookie that is not there, are
   *   nobody's. Anything else but a string rejects with a TypeError `ERR_INVALID_ARG_TYPE`.
   */
  get(id: string | null | undefined): Promise<T | undefined>;

  /**
   * Merges `data` into those of a session, one level deep. They become a new object.
   *
   * @returns `false` when there is no such session.
   */
  update(id: string | null | undefined, data: Partial<T>): Promise<boolean>;

  /**
   * Ends a session, if there is one.
   *
   * @param res With it, the cookie is removed as well.
   * @param options Where the cookie was set with a path or domain of its own: the same.
   *
   * Rejects with a TypeError `ERR_HEADERS_IMMUTABLE` when the response cannot be changed any
   * more; the session has ended nevertheless.
   */
  delete(
    id: string | null | undefined,
    res?: SessionResponse,
    options?: CookieOptions,
  ): Promise<void>;

  /**
   * The data of the session whose cookie a request carries, or `undefined`.
   *
   * No cookie makes it reject: one that is malformed, or names no session, is as good as none.
   */
  fromRequest(req: SessionRequest): Promise<T | undefined>;

  /** The same for a WebSocket whose `data` hold the `cookies` or `headers` of its request. */
  fromWebSocket(ws: { readonly data: unknown }): Promise<T | undefined>;

  /**
   * What a request's cookie says the id is, for `update` and `delete`. Whether there is such a
   * session it does not know.
   */
  idFromRequest(req: SessionRequest): string | undefined;

  /**
   * Adds the session's cookie to a response.
   *
   * @param options Go before those of the constructor.
   * @throws TypeError `ERR_INVALID_ARG_TYPE`, `ERR_INVALID_ARG_VALUE`, `ERR_UNKNOWN_OPTION`, and
   *   `ERR_HEADERS_IMMUTABLE` for a response that was sent, or whose headers are immutable
   *   (`Response.redirect()`, `Response.error()`, what `fetch` gives).
   */
  setCookie(res: SessionResponse, id: string, options?: CookieOptions): void;
}
