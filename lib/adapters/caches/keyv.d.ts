/** The contract of `shared-memory-store/keyv`: a store behind Keyv 5 and 6. */
import type { Milliseconds } from '../../store/interface.js';
import type { AdapterOptions, Emitter } from '../core/adapter-options.js';

/**
 * What `new Keyv({ store })` takes, of Keyv 5 and 6; each Keyv has one of its own.
 *
 * @example
 * const keyv = new Keyv({ store: new KeyvAdapter({ name: 'cache' }) });
 */
declare class KeyvAdapter {
  constructor(options?: AdapterOptions);
  // biome-ignore lint/suspicious/noExplicitAny: as Keyv 5 has it
  opts: any;
  /** Written by Keyv: what `clear` and `iterator` are about. */
  namespace?: string | undefined;
  readonly capabilities: KeyvAdapter.Capabilities;
  // biome-ignore lint/suspicious/noExplicitAny: Keyv asks for values of the type that it keeps
  get<V = any>(key: string): Promise<V | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: as in `get`
  getMany<V = any>(keys: string[]): Promise<(V | undefined)[]>;
  has(key: string): Promise<boolean>;
  hasMany(keys: string[]): Promise<boolean[]>;
  /** `when` is a time to live to Keyv 5, and a point in time to Keyv 6. */
  set(key: string, value: unknown, when?: number): Promise<boolean>;
  setMany(entries: KeyvAdapter.ManyEntry[]): Promise<KeyvAdapter.Both<void, boolean[]>>;
  delete(key: string): Promise<boolean>;
  deleteMany(keys: string[]): Promise<KeyvAdapter.Both<boolean, boolean[]>>;
  clear(): Promise<void>;
  // biome-ignore lint/suspicious/noExplicitAny: as in `get`
  iterator(namespace?: string): AsyncGenerator<any, void, unknown>;
  /** Closes the store, if the adapter opened it. */
  disconnect(): Promise<void>;
}

interface KeyvAdapter extends Emitter {}

declare namespace KeyvAdapter {
  /** What Keyv 6 asks of an adapter. */
  export interface Capabilities {
    readonly compatible: boolean;
    readonly store: 'keyvStorage';
    readonly expires: true;
    // biome-ignore lint/suspicious/noExplicitAny: a record of all methods in Keyv 6
    readonly methods: any;
  }
  export interface ManyEntry {
    key: string;
    // biome-ignore lint/suspicious/noExplicitAny: as in `get`
    value: any;
    ttl?: Milliseconds;
    expires?: number;
  }
  // biome-ignore lint/suspicious/noExplicitAny: what Keyv 5 or what Keyv 6 takes, whichever asks
  export type Both<_Five, _Six> = any;
  export interface KeyvOptions extends AdapterOptions {
    /** Of the Keyv. Default: that of Keyv 5, `'keyv'`; Keyv 6 has none. */
    readonly namespace?: string | undefined;
  }
  /**
   * A Keyv that keeps values as they are: a `Map`, a `Date`, bytes. Needs the package `keyv`.
   *
   * @example
   * const keyv: Keyv = createKeyv({ name: 'cache', ttl: 60_000 });
   */
  // biome-ignore lint/suspicious/noExplicitAny: a Keyv, whose types are those of that package
  export function createKeyv(options?: KeyvOptions): any;
  export { KeyvAdapter, KeyvAdapter as default };
}

export = KeyvAdapter;
