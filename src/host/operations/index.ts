import type { Operation } from "../operation.ts";
import * as crypto from "./crypto.ts";
import * as dns from "./dns.ts";
import * as egress from "./egress.ts";
import * as files from "./files.ts";
import * as lifecycle from "./lifecycle.ts";
import * as net from "./net.ts";
import * as nodeCrypto from "./node-crypto.ts";
import * as system from "./system.ts";
import * as text from "./text.ts";
import * as url from "./url.ts";
import * as vm from "./vm.ts";
import * as webAssembly from "./web-assembly.ts";
import * as webCrypto from "./web-crypto.ts";
import * as zlib from "./zlib.ts";

/** Every host operation by its name. A new area is a new file and a line here. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  [
    crypto,
    dns,
    egress,
    files,
    lifecycle,
    net,
    nodeCrypto,
    system,
    text,
    url,
    vm,
    webAssembly,
    webCrypto,
    zlib,
  ]
    .flatMap((area): (Operation | readonly Operation[])[] => Object.values(area))
    .flat()
    .map((operation) => [operation.name, operation]),
);
