export { compileFunction as internalCompileFunction, isContext } from "../bindings/contextify.ts";

export const getHostDefinedOptionId = (): undefined => undefined;
/** `import()` in such code goes where the guest's own goes. */
export const registerImportModuleDynamically = (): void => {};
export const shouldRetryAsESM = (): boolean => false;
