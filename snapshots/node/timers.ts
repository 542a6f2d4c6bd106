import {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from "../loop.ts";
import { requireInternal } from "../registry.ts";

export default {
  setTimeout,
  clearTimeout,
  setImmediate,
  clearImmediate,
  setInterval,
  clearInterval,
  get promises(): unknown {
    return requireInternal("node:timers/promises");
  },
};
