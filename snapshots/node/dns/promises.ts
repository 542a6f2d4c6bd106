import { dnsConstants, dnsFunctions, dnsInstead } from "../internal/dns-names.ts";
import { unavailableModule } from "../internal/unavailable-module.ts";

export default unavailableModule("dns/promises", dnsInstead, dnsFunctions, { ...dnsConstants });
