/** What node:http hands on of the web's classes. */
const web = globalThis as unknown as Record<string, unknown>;
export const WebSocket = web["WebSocket"];
export const CloseEvent = web["CloseEvent"];
export const MessageEvent = web["MessageEvent"];
