import ivm from "isolated-vm";
import type { FreezeReply } from "../model/freeze-messages.ts";

const entryRestore = 8;
const memoryLimitMb = 2048;

/** Restores a snapshot as a host would, and asks it whether it is ready. V8 may abort over it: this process is the test. */
export function verifyHeap(bytes: Uint8Array): FreezeReply {
  const copy = new ArrayBuffer(bytes.byteLength);
  new Uint8Array(copy).set(bytes);
  try {
    const isolate = new ivm.Isolate({ memoryLimit: memoryLimitMb, snapshot: new ivm.ExternalCopy(copy) });
    const context = isolate.createContextSync();
    let said: string | undefined;
    const host = new ivm.Callback((name: unknown, detail: unknown) => {
      if (name === "init.done") said = "";
      if (name === "init.failed") said = String(detail);
      return name === "clock.monotonic" ? 0 : undefined;
    });
    const bind = context.global.getSync("__brisk_bind", { reference: true }) as ivm.Reference<never>;
    const enter = bind.applySync(undefined, [host] as never, {
      result: { reference: true },
    }) as unknown as ivm.Reference<(...args: never[]) => void>;
    enter.applySync(undefined, [entryRestore, JSON.stringify({ variables: {}, skipsHooks: true })] as never, {
      timeout: 10_000,
    });
    if (said !== "") return failed(said ?? "the restored heap gave no sign of being ready");
    return { kind: "verified", heapBytes: isolate.getHeapStatisticsSync().used_heap_size };
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
}

function failed(message: string): FreezeReply {
  return { kind: "failed", code: "VerifyFailed", message };
}
