/**
 * Random bytes that were drawn ahead, since a call to the host costs more than an identifier. No heap is frozen with
 * them: all that are restored from it would go on with the same ones. Who draws is web/lazy/random.ts.
 */
export const randomPool: { bytes: Uint8Array<ArrayBuffer> | undefined; used: number } = {
  bytes: undefined,
  used: 0,
};

export function dropRandomPool(): void {
  randomPool.bytes = undefined;
}
