/** The contract of `shared-memory-store/metrics`. */

/**
 * Registers the numbers of `stats` of stores, by the names that label `store` gives them:
 * `cache_entries`, `cache_hits_total` and so on, with label `scope`. Gives a function that removes
 * them.
 *
 * @param target A `Registry` of prom-client, or a `Meter` of OpenTelemetry.
 * @example
 * registerMetrics(require('prom-client').register, { sessions, pages });
 */
declare function registerMetrics(
  target: registerMetrics.Registry | registerMetrics.Meter,
  stores: Readonly<Record<string, registerMetrics.Counting>>,
  options?: registerMetrics.Options,
): () => void;

declare namespace registerMetrics {
  export interface Options {
    /** What names begin with. Default: `'cache_'`. */
    readonly prefix?: string | undefined;
  }
  /** A store of any scope, a cache, and whatever counts as they do. */
  export interface Counting {
    stats(): object | Promise<object>;
  }
  /** What is used of a registry of prom-client. */
  export interface Registry {
    // biome-ignore lint/suspicious/noExplicitAny: metrics, as prom-client has them
    registerMetric(metric: any): void;
    removeSingleMetric(name: string): void;
  }
  // biome-ignore lint/suspicious/noExplicitAny: instruments and results, as OpenTelemetry has them
  type Any = any;
  /** What is used of a meter of OpenTelemetry. */
  export interface Meter {
    createObservableGauge(name: string, options?: Any): Any;
    createObservableCounter(name: string, options?: Any): Any;
    addBatchObservableCallback(callback: (result: Any) => Any, instruments: Any[]): void;
    removeBatchObservableCallback(callback: (result: Any) => Any, instruments: Any[]): void;
  }
  export { registerMetrics, registerMetrics as default };
}

export = registerMetrics;
