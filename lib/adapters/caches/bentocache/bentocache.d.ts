/** The contract of `shared-memory-store/bentocache`: drivers of its two levels, and its bus. */
import type { Milliseconds, Store } from '../../../store/interface.js';
import type { AdapterOptions } from '../../core/adapter-options.js';

/**
 * The second level, shared by all processes of the machine.
 *
 * @example
 * bentostore().useL1Layer(memoryDriver()).useL2Layer(sharedMemoryDriver({ name: 'cache' }));
 */
declare function sharedMemoryDriver(
  options?: AdapterOptions,
): sharedMemoryDriver.Made<sharedMemoryDriver.SecondLevel>;

declare namespace sharedMemoryDriver {
  export interface Made<D> {
    // biome-ignore lint/suspicious/noExplicitAny: as bentocache has it
    options: Record<string, any>;
    // biome-ignore lint/suspicious/noExplicitAny: what bentocache adds to the options
    factory: (config?: any) => D;
  }
  export interface FirstLevel {
    type: 'l1';
    namespace(namespace: string): FirstLevel;
    get(key: string): string | undefined;
    pull(key: string): string | undefined;
    set(key: string, value: string, ttl?: Milliseconds): boolean;
    getRemainingTtl(key: string): Milliseconds | undefined;
    delete(key: string): boolean;
    deleteMany(keys: string[]): boolean;
    clear(): void;
    disconnect(): Promise<void>;
  }
  export interface SecondLevel {
    type: 'l2';
    namespace(namespace: string): SecondLevel;
    get(key: string): Promise<string | undefined>;
    pull(key: string): Promise<string | undefined>;
    set(key: string, value: string, ttl?: Milliseconds): Promise<boolean>;
    delete(key: string): Promise<boolean>;
    deleteMany(keys: string[]): Promise<boolean>;
    clear(): Promise<void>;
    /** Closes the store, if the driver opened it. */
    disconnect(): Promise<void>;
  }
  export interface MemoryOptions {
    /** A store that answers at once. Default: a `MemoryStore` of `maxEntries`. */
    // biome-ignore lint/suspicious/noExplicitAny: what a driver keeps is not the type of a store
    readonly store?: Store<any> | undefined;
    /** Default: 1000. */
    readonly maxEntries?: number | undefined;
    readonly prefix?: string | undefined;
    readonly ttl?: Milliseconds | undefined;
  }
  /** The first level, of one thread. */
  export function memoryDriver(options?: MemoryOptions): Made<FirstLevel>;
  export interface BusOptions extends Omit<AdapterOptions, 'ttl'> {
    /** Of bentocache itself: what becomes of messages that could not be sent. */
    // biome-ignore lint/suspicious/noExplicitAny: as bentocache has it
    readonly retryQueue?: any;
  }
  export interface Bus {
    setId(id: string): Bus;
    // biome-ignore lint/suspicious/noExplicitAny: as bentocache has it
    publish(channel: string, message: any): Promise<void>;
    // biome-ignore lint/suspicious/noExplicitAny: as bentocache has it
    subscribe(channel: string, handler: (message: any) => void | Promise<void>): Promise<void>;
    unsubscribe(channel: string): Promise<void>;
    onReconnect(callback: () => void): void;
    /** Closes the store, if the bus opened it. */
    disconnect(): Promise<void>;
  }
  /** What tells the first levels of other processes. A store that is given has to be shared. */
  export function sharedMemoryBus(options?: BusOptions): Made<Bus>;
  export { sharedMemoryDriver, sharedMemoryDriver as default };
}

export = sharedMemoryDriver;
