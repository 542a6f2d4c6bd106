import { unavailableModule } from "./internal/unavailable-module.ts";

export default unavailableModule("dgram", "an isolate has no sockets: use fetch", ["createSocket", "Socket"]);
