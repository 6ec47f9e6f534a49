/** The contract of `shared-memory-store/express-session`, also for @fastify/session. */
import type { Milliseconds } from '../../store/interface.js';
import type { AdapterOptions, Emitter } from '../core/adapter-options.js';

/**
 * What `session({ store })` of express-session takes, and `store` of @fastify/session.
 *
 * A session lives until its cookie expires; `touch` gives it that time without writing its data.
 *
 * @example
 * app.use(session({ store: new SessionStore({ name: 'sessions' }), secret, resave: false }));
 */
declare class SessionStore {
  constructor(options?: SessionStore.Options);
  get(id: string, callback: SessionStore.Callback): void;
  set(id: string, session: SessionStore.Data, callback?: SessionStore.Callback): void;
  touch(id: string, session: SessionStore.Data, callback?: SessionStore.Callback): void;
  destroy(id: string, callback?: SessionStore.Callback): void;
  ids(callback: SessionStore.Callback): void;
  length(callback: SessionStore.Callback): void;
  all(callback: SessionStore.Callback): void;
  clear(callback?: SessionStore.Callback): void;
  /** Closes the store, if this object opened it. */
  close(): unknown;
}

interface SessionStore extends SessionStore.Base {}

declare namespace SessionStore {
  /** A session, of whichever package. */
  export interface Data {
    // biome-ignore lint/suspicious/noExplicitAny: each package has cookies of its own
    cookie?: any;
  }
  // biome-ignore lint/suspicious/noExplicitAny: each package says what its callbacks get
  export type Callback = (error: any, answer?: any) => void;
  /** Of the `Store` that express-session brings; without that package, an `EventEmitter` alone. */
  export interface Base extends Emitter {
    // biome-ignore lint/suspicious/noExplicitAny: requests and sessions of that package
    regenerate(req: any, callback: Callback): any;
    // biome-ignore lint/suspicious/noExplicitAny: as in `regenerate`
    load(id: string, callback: Callback): any;
    // biome-ignore lint/suspicious/noExplicitAny: as in `regenerate`
    createSession(req: any, session: any): any;
  }
  export interface Options extends Omit<AdapterOptions, 'ttl'> {
    /** How long a session lives whose cookie says nothing. Default: one day. */
    readonly ttl?: Milliseconds | ((session: Data, id: string) => Milliseconds) | undefined;
    /** Default: `'sess:'`. */
    readonly prefix?: string | undefined;
  }
  export { SessionStore, SessionStore as default };
}

export = SessionStore;
