import { web } from "../web.ts";

export const { File } = web;
