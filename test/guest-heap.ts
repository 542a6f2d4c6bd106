import { ensureGuestHeap, sharedCacheDir } from "../src/snapstart/index.ts";

/** Before the first test: those that run at once would each make the guest heap when its code has changed. */
export default async function setup(): Promise<void> {
  await ensureGuestHeap([sharedCacheDir()]);
}
