export { fetch } from "./fetch/fetch.ts";
export { Headers } from "./fetch/headers.ts";
export { Request } from "./fetch/request.ts";
export { Response } from "./fetch/response.ts";
