/** `guest-code-caches-main GUEST_DIR`: which uses of the guest's modules failed, and the size of each cache, as JSON. */
import { makeCodeCaches } from "../../../src/builder/guest-code-caches.ts";

const { caches, failures } = await makeCodeCaches(process.argv[2]!);
const bytes = Object.fromEntries([...caches].map(([specifier, cache]) => [specifier, cache.byteLength]));
process.stdout.write(JSON.stringify({ failures, bytes }));
process.exit(0);
