import { symbols } from "../library/async_hooks.ts";

/** By which a handle knows the socket that it is of. */
export const ownerSymbol = symbols.owner_symbol;
