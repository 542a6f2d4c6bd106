import { unavailableModule } from "./internal/unavailable-module.ts";
import { dnsFunctions, dnsConstants, dnsInstead } from "./internal/dns-names.ts";
import promises from "node:dns/promises";

export default unavailableModule("dns", dnsInstead, dnsFunctions, { ...dnsConstants, promises });
