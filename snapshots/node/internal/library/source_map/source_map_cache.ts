/** Positions are those of the function's own files already: the base rewrites stacks. */
export const findSourceMap = (): undefined => undefined;
export const getSourceMapsSupport = (): object => ({ enabled: false });
