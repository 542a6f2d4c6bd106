import { builtinModules } from "node:module";
import { beforeAll, describe, expect, test } from "vitest";
import { builtinNames } from "../../../../snapshots/node/internal/builtin-names.ts";
import { nodeProvided } from "../../../../snapshots/node/provided.ts";
import { type Guest, loadGuest } from "./guest-modules.ts";

let guest: Guest;
beforeAll(async () => {
  guest = await loadGuest();
});

/** Node's own that a guest has no use for. */
const left = /^_|^(sea|sqlite|test|quic|ffi|vfs)|^stream\/iter|^zlib\/iter/;

describe("node modules", () => {
  test.each(builtinModules.filter((name) => !left.test(name.replace("node:", ""))))(
    "%s can be imported",
    (name) => {
      expect(["object", "function"]).toContain(typeof guest.require(`node:${name.replace("node:", "")}`));
    },
  );

  test("the table of what is provided, node:module and the files name the same modules", () => {
    const listed = nodeProvided.filter(({ kind }) => kind === "module").map(({ name }) => name);
    expect(listed.toSorted()).toEqual([...builtinNames, "test"].toSorted());
    expect(listed.toSorted()).toEqual(guest.names.toSorted());
  });

  test("what an isolate cannot have says so by a stable code when it is used", () => {
    const { spawn } = guest.require("node:child_process");
    const { connect } = guest.require("node:http2");
    const { createSocket } = guest.require("node:dgram");
    for (const use of [
      () => spawn("ls"),
      () => connect("https://example.com"),
      () => createSocket("udp4").bind(0),
    ]) {
      expect(use).toThrow(expect.objectContaining({ code: "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM" }));
    }
  });

  test("a datagram is one that could not be sent, so that who reports by UDP goes on", async () => {
    const { createSocket, Socket } = guest.require("node:dgram");
    const socket = createSocket("udp4").unref();
    expect(socket).toBeInstanceOf(Socket);
    const lost = await new Promise((resolve) => socket.send("x", 0, 1, 2000, "127.0.0.1", resolve));
    expect(lost).toMatchObject({ code: "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM" });
    expect(await new Promise((resolve) => socket.on("error", resolve).send("x", 2000))).toBeInstanceOf(Error);
    await new Promise<void>((resolve) => socket.close(resolve));
    expect(() => createSocket("tcp4")).toThrow(expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }));
  });
});
