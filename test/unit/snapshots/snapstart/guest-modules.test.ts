import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { guestHeap, roundTrip } from "./round-trip.ts";

beforeAll(guestHeap, 300_000);

test("every module of the guest loads while V8 freezes, and is there after the restore", async () => {
  const names = (
    JSON.parse(await readFile(join(await guestHeap(), "modules.json"), "utf8")) as string[]
  ).filter(
    // The player of tapes takes the place of the host, and the realm's file empties the context that evaluates it.
    (name) => name !== "brisk:snapstart/lazy/replay" && name !== "brisk:node/internal/realm",
  );
  const { recorded, restored } = await roundTrip({
    skipsNative: true,
    init: `
      const failures = {};
      kept.loaded = {};
      for (const name of ${JSON.stringify(names)}) {
        try { kept.loaded[name] = door(name); } catch (error) { failures[name] = String(error); }
      }
      const { Buffer } = require("buffer");
      kept.buffer = Buffer.from("aGk=", "base64");
      kept.storage = sessionStorage;
      kept.storage.setItem("kept", "text");
      kept.serialized = require("v8").serialize(new Map([["kept", kept.buffer]]));
      process.on("unhandledRejection", () => {});
      String(new Error("remembered").stack);
      require("process").stdout.write("unfinished");
      console.table(new Map([["kept", 1]]));
      console.time("kept");
      console.countReset("none");
      kept.lock = navigator.locks.request("held", () => new Promise(() => {}));
      return [failures, Object.keys(kept.loaded).length, kept.buffer.toString("base64"), require("util").inspect(new Map([[1, new Error("x").name]]))];`,
    check: `
      console.timeEnd("kept");
      console.table([kept.storage], ["kept"]);
      const printed = host.log.slice(-2).join("\\n");
      const { Buffer } = require("buffer");
      return [
        Buffer.from("6869", "hex").toString("base64"), kept.buffer.toString("hex"), Buffer.from(kept.buffer.toString("base64"), "base64").toString(),
        require("util").types.isNativeError(new Error("x")), require("path").matchesGlob?.("a/b.js", "a/*.js") ?? true,
        require("util").format("%o", new Date(0).getTime()),
        kept.storage.kept, String(require("v8").deserialize(kept.serialized).get("kept")), process.stdout.write(" line\\n"), process.listenerCount("unhandledRejection"), printed,
      ];`,
  });
  expect(restored.init).toEqual([{}, names.length, "aGk=", `Map(1) { 1 => 'Error' }`]);
  expect(recorded.init).toEqual(restored.init);
  const printed = expect.stringMatching(/^kept: 0ms\n┌(.*\n)*│ 0 +│ 'text' │/);
  expect(restored.check).toEqual(["aGk=", "6869", "hi", true, true, "0", "text", "hi", true, 1, printed]);
});
