/** Nobody traces an environment. */
const nobody = new Uint8Array(1);
export const getCategoryEnabledBuffer = (): Uint8Array => nobody;
export const isTraceCategoryEnabled = (): boolean => false;
export const setTraceCategoryStateUpdateHandler = (): void => {};
export const trace = (): void => {};
export const usePerfetto = false;
