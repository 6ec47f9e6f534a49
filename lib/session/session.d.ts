/** The contract of `shared-memory-store/session`, a drop-in for `harpiats/session`. */
import type { Milliseconds } from '../store/interface.js';

/**
 * Where a session id may come from: a web `Request`, an `IncomingMessage` of Node, a jar of cookies
 * with `get` (Harpia, Bun), cookies by name (Express' cookie-parser), and what is built on them.
 */
export type SessionRequest =
  | { readonly headers: { get(name: string): string | null | undefined } }
  | { readonly headers: { readonly cookie?: string | undefined } }
  | { readonly cookies: { get(name: string): unknown } }
  | { readonly cookies: Readonly<Record<string, unknown>> };

/**
 * What takes a session cookie: a web `Response`, that of Harpia, a `ServerResponse` of Node,
 * `Headers` for a response that is yet to be made, and what is built on them.
 */
export type SessionResponse =
  | { readonly headers: { append(name: string, value: string): unknown } }
  | { appendHeader(name: string, value: string): unknown }
  | {
      getHeader(name: string): number | string | string[] | undefined;
      setHeader(name: string, value: string[]): unknown;
    }
  | { append(name: string, value: string): unknown; getSetCookie(): string[] };

/**
 * What a `Session` keeps its data in: any `Store` or `AsyncStore` of this package, and anything
 * with `get`, `set` and `delete`, with promises or without (docs/guides/sessions.md: over Redis).
 */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's `Store` must compile
export interface SessionStore<T = any> {
  get(id: string): T | undefined | PromiseLike<T | undefined>;
  /** Only a `Session` with a `ttl` passes it; in a store that ignores it, sessions do not end. */
  set(id: string, data: T, options?: { readonly ttl?: Milliseconds | undefined }): unknown;
  delete(id: string): unknown;
  /** Optional: gives data a new deadline; `false` if there is none. */
  touch?(id: string, ttl: Milliseconds): boolean | PromiseLike<boolean>;
  /**
   * Optional: changes data atomically, and keeps its deadline unless it gets a `ttl`. `change` gets
   * what is there, or `undefined`; if it gives `undefined`, nothing changes. Without this method,
   * an update is a `get` and a `set`: atomic within this process only, and it restarts `ttl`.
   */
  update?(
    id: string,
    change: (data: NoInfer<T> | undefined) => NoInfer<T> | undefined,
    options?: { readonly ttl?: Milliseconds | undefined },
  ): unknown;
}
export type { SessionStore as Store };

/** A store that was made without a type of values; as a property, so one of other data is none. */
export interface UntypedStore {
  get(id: string): unknown;
  readonly set: (id: string, data: unknown, options?: { ttl?: Milliseconds }) => unknown;
  delete(id: string): unknown;
}

/** Attributes of the session cookie. */
export interface CookieOptions {
  /** The path below which browsers send it; `''` for that of the request. Default: `'/'`. */
  readonly path?: string | undefined;
  /** The domain to which, with its subdomains, browsers send it. Default: this host alone. */
  readonly domain?: string | undefined;
  /** Seconds that browsers keep it. Default: the session's `ttl`, or until the browser closes. */
  readonly maxAge?: number | undefined;
  /** The same as a point in time. */
  readonly expires?: Date | undefined;
  /** Whether scripts of the page cannot read it. Default: `true`. */
  readonly httpOnly?: boolean | undefined;
  /** Whether browsers send it over HTTPS only. Default: `false`. Set it wherever there is HTTPS. */
  readonly secure?: boolean | undefined;
  /** Requests of other sites that carry it: all, followed links, none. Default: `'Lax'`. */
  readonly sameSite?: 'None' | 'Lax' | 'Strict' | 'none' | 'lax' | 'strict' | boolean | undefined;
  /** Which cookies browsers drop first when they have too many. */
  readonly priority?: 'Low' | 'Medium' | 'High' | 'low' | 'medium' | 'high' | undefined;
  /** Whether browsers keep one per site that embeds this one (CHIPS). Needs `secure`. */
  readonly partitioned?: boolean | undefined;
}

/** Options of the constructor. */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's `Session` must compile
export interface SessionOptions<T extends object = Record<string, any>> {
  /**
   * Where the data is: a `MemoryStore`, a `SharedStore`, or anything with `get`, `set` and
   * `delete`, with promises or without. Default: a `MemoryStore` of its own.
   */
  readonly store?: SessionStore<T> | UntypedStore | undefined;
  /** The name of the cookie. Default: `'session_id'`. */
  readonly cookieName?: string | undefined;
  /** How long a session lasts, more than 0; the store ends it. Default: as the store says. */
  readonly ttl?: Milliseconds | undefined;
  /** Whether each `get`, `fromRequest` and `update` restarts `ttl`. Default: `false`. */
  readonly rolling?: boolean | undefined;
  /** Attributes of every cookie, also of one that removes the session's. */
  readonly cookie?: CookieOptions | undefined;
}

/**
 * Sessions: data of a visitor in a store, under a random id that a cookie carries.
 *
 * Concurrent `update`s are all applied, and none brings back a session that was deleted. That holds
 * among all who share a store with an atomic `update` (a `SharedStore`: all its processes), and
 * over any other store within this process.
 *
 * @example
 * const session = new Session({ ttl: 1_800_000, rolling: true });
 * session.setCookie(res, await session.create({ userId: 123 }), { secure: true }); // log-in
 * const user = await session.fromRequest(req); // any other request
 */
// biome-ignore lint/suspicious/noExplicitAny: what people wrote for Harpia's must compile
export declare class Session<T extends object = Record<string, any>> {
  /**
   * May throw TypeError `ERR_INVALID_ARG_TYPE`, `ERR_UNKNOWN_OPTION`, `ERR_INVALID_ARG_VALUE` (what
   * no header can have as a cookie; `rolling` without `ttl`); RangeError `ERR_OUT_OF_RANGE`.
   */
  constructor(options?: SessionOptions<T>);
  /** Starts a session with an object (not an array); gives its id, a random UUID. */
  create(data: T): Promise<string>;
  /**
   * The data of a session, or `undefined`. A `MemoryStore` gives the same object each time, until
   * an `update` of the session stores another: what is assigned to the object that is there counts
   * without an `update`. Other stores give copies.
   *
   * @param id `undefined` and `null`, which cookie jars give for a missing cookie, are no session.
   *   Anything else but a string rejects with a TypeError `ERR_INVALID_ARG_TYPE`.
   */
  get(id: string | null | undefined): Promise<T | undefined>;
  /** Merges `data` into that of a session, one level deep; `false` if there is no such session. */
  update(id: string | null | undefined, data: Partial<T>): Promise<boolean>;
  /**
   * Ends a session, if there is one. With a response, the cookie is removed as well; `options` are
   * the path and domain of the cookie, if it was set with its own.
   *
   * @throws Rejects with TypeError `ERR_HEADERS_IMMUTABLE` if the response can no longer be
   *   changed; the session has ended nevertheless.
   */
  delete(
    id: string | null | undefined,
    res?: SessionResponse,
    options?: CookieOptions,
  ): Promise<void>;
  /** `get` with the id in a request's cookie. A malformed cookie counts as none. */
  fromRequest(req: SessionRequest): Promise<T | undefined>;
  /** The same for a WebSocket whose `data` hold the `cookies` or `headers` of its request. */
  fromWebSocket(ws: { readonly data: unknown }): Promise<T | undefined>;
  /** The id in a request's cookie, for `update` and `delete`. It does not look up the session. */
  idFromRequest(req: SessionRequest): string | undefined;
  /**
   * Adds the session's cookie to a response; `options` win over those of the constructor.
   *
   * @throws TypeError `ERR_HEADERS_IMMUTABLE` for a response that was sent, or whose headers are
   *   immutable (`Response.redirect()`, `Response.error()`, what `fetch` gives).
   */
  setCookie(res: SessionResponse, id: string, options?: CookieOptions): void;
}
