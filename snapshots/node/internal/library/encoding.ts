import { web } from "../web.ts";

export const { TextDecoder, TextEncoder } = web;
