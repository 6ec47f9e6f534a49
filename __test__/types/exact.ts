/**
 * Assertions about types: they cost nothing at run time and fail to compile when they do not hold.
 *
 *     assert<Equal<typeof value, string | undefined>>();
 */

/** Whether two types are the same: not merely assignable, and `any` is only itself. */
export type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only for what can be assigned to `Expected`. */
export declare function accept<Expected>(value: Expected): void;

/** Compiles only for `true`. */
export declare function assert<_Holds extends true>(): void;
