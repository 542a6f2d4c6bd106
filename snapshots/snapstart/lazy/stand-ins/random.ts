import { callSync } from "../../../bridge.ts";
import { define, disguise } from "./disguise.ts";
import { taped } from "./phase.ts";

const native = Math.random;

/** Math.random drawn from the host during init; V8's own, seeded anew for each heap, afterwards. */
export function installRandom(): void {
  const random = () => (taped ? (callSync("random.math") as number) : native());
  define(Math, "random", disguise(random, native));
}
