/** The contract of `shared-memory-store/socket.io`: a cluster adapter. */
import type { Milliseconds } from '../../../store/interface.js';
import type { AdapterOptions } from '../../core/adapter-options.js';

/**
 * What `io.adapter` takes: rooms, broadcasts and `serverSideEmit` reach servers in all processes
 * of the machine. A store that is given has to be a `SharedStore` or a `FleetStore`.
 *
 * @example
 * io.adapter(createAdapter({ name: 'chat' }));
 */
// biome-ignore lint/suspicious/noExplicitAny: classes of socket.io, whose types may be absent
declare function createAdapter(options?: createAdapter.Options): (namespace: any) => any;

declare namespace createAdapter {
  export interface Options extends Omit<AdapterOptions, 'ttl'> {
    /** How often a server says that it is there. Default: 5000. */
    readonly heartbeatInterval?: Milliseconds | undefined;
    /** After which silence a server counts as gone. Default: 10000. */
    readonly heartbeatTimeout?: Milliseconds | undefined;
  }
  export { createAdapter, createAdapter as default };
}

export = createAdapter;
