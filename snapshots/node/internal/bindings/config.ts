/** What Node was built with, as far as its library asks. Without ICU's own functions it uses those in JavaScript. */
export const hasIntl = false;
export const hasInspector = false;
export const hasOpenSSL = true;
export const fipsMode = false;
export const hasTracing = false;
export const hasNodeOptions = true;
export const noBrowserGlobals = false;
export const isDebugBuild = false;
export const bits = 64;
