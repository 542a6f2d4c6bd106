export { type CarrierOptions, NodeCarrier } from "./node-carrier.ts";
export type { UrlAccess } from "./signed-call.ts";
export type { UrlCall } from "./url-call.ts";
export { UrlFront, type UrlFrontOptions } from "./url-front.ts";
export { type UrlHost, UrlHosts } from "./url-hosts.ts";
export { WebCarrier, type WebRequestInfo } from "./web-carrier.ts";
