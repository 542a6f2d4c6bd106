import { describe, expect, test } from "vitest";
import { AddressPolicy } from "../../../src/egress/index.ts";

const byDefault = new AddressPolicy([]);

describe("AddressPolicy", () => {
  test.each(["1.1.1.1", "8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8"])(
    "permits the public %s",
    (address) => {
      expect(byDefault.denial(address)).toBeUndefined();
    },
  );

  test.each([
    ["0.0.0.0", "unspecified"],
    ["127.0.0.1", "loopback"],
    ["127.8.8.8", "loopback"],
    ["10.1.2.3", "private"],
    ["172.31.0.1", "private"],
    ["192.168.1.1", "private"],
    ["100.64.0.1", "carrier grade nat"],
    ["169.254.169.254", "link local"],
    ["192.0.0.192", "reserved"],
    ["192.0.2.1", "reserved"],
    ["198.18.0.1", "reserved"],
    ["203.0.113.9", "reserved"],
    ["224.0.0.1", "multicast"],
    ["240.0.0.1", "reserved"],
    ["255.255.255.255", "broadcast"],
    ["::", "unspecified"],
    ["::1", "loopback"],
    ["::ffff:127.0.0.1", "loopback"],
    ["::ffff:a9fe:a9fe", "link local"],
    ["::127.0.0.1", "unassigned"],
    ["64:ff9b::7f00:1", "rfc6052"],
    ["64:ff9b:1::1", "rfc6052"],
    ["2002:7f00:1::", "6to4"],
    ["2001:0:1::1", "teredo"],
    ["2001:2::1", "benchmarking"],
    ["2001:db8::1", "reserved"],
    ["3fff::1", "reserved"],
    ["fc00::1", "unique local"],
    ["fd12::1", "unique local"],
    ["fe80::1", "link local"],
    ["fe80::1%eth0", "link local"],
    ["fec0::1", "deprecated site local"],
    ["ff02::1", "multicast"],
    ["4000::1", "unassigned"],
    ["0177.0.0.1", "not an IP"],
    ["2130706433", "not an IP"],
    ["localhost", "not an IP"],
    ["", "not an IP"],
  ])("denies %s: %s", (address, reason) => {
    expect(byDefault.denial(address)).toContain(reason);
  });

  test("permits exactly what the operator added, also as IPv4 written in IPv6", () => {
    const policy = new AddressPolicy(["10.0.0.0/8", "fd00::/16", "192.168.7.7"]);
    expect(policy.denial("10.200.0.1")).toBeUndefined();
    expect(policy.denial("::ffff:10.0.0.1")).toBeUndefined();
    expect(policy.denial("fd00::5")).toBeUndefined();
    expect(policy.denial("192.168.7.7")).toBeUndefined();
    expect(policy.denial("192.168.7.8")).toContain("private");
    expect(policy.denial("fd01::5")).toContain("unique local");
    expect(policy.denial("11.0.0.1")).toBeUndefined();
  });

  test("a block of IPv4 addresses written as IPv6 is the block of those addresses", () => {
    const policy = new AddressPolicy(["::ffff:10.0.0.0/104"], ["::ffff:8.8.8.8", "::ffff:0808:0404/128"]);
    expect(policy.denial("10.1.2.3")).toBeUndefined();
    expect(policy.denial("::ffff:10.1.2.3")).toBeUndefined();
    expect(policy.denial("11.1.2.3")).toBeUndefined();
    expect(policy.denial("192.168.0.1")).toContain("private");
    expect(policy.denial("8.8.8.8")).toBe("denied address");
    expect(policy.denial("::ffff:8.8.4.4")).toBe("denied address");
    expect(policy.denial("8.8.8.4")).toBeUndefined();
  });

  describe("with names", () => {
    const policy = new AddressPolicy(["db.internal", "*.Example.com"], ["evil.example.com", "8.8.8.0/24"]);

    test.each([
      ["10.0.0.5", "db.internal", undefined],
      ["10.0.0.5", "DB.internal.", undefined],
      ["10.0.0.5", undefined, "private"],
      ["10.0.0.5", "a.db.internal", "private"],
      ["127.0.0.1", "a.b.example.com", undefined],
      ["127.0.0.1", "example.com", "loopback"],
      ["127.0.0.1", "notexample.com", "loopback"],
      ["169.254.169.254", "a.example.com", "link local"],
      ["fd00:ec2::254", "a.example.com", "unique local"],
      ["fd00:ec2::255", "a.example.com", undefined],
      ["1.1.1.1", "evil.example.com", "denied name"],
      ["1.1.1.1", "EVIL.example.com.", "denied name"],
      ["8.8.8.8", "db.internal", "denied address"],
      ["::ffff:8.8.8.8", undefined, "denied address"],
      ["1.1.1.1", undefined, undefined],
    ])("%s by the name %s: %s", (address, host, reason) => {
      if (reason === undefined) expect(policy.denial(address, host)).toBeUndefined();
      else expect(policy.denial(address, host)).toContain(reason);
    });

    test("this machine's own addresses are not public, unless a block or a name allows them", () => {
      const isOwn = (address: string) => ["8.8.8.8", "2600::5"].includes(address);
      const own = new AddressPolicy([], [], isOwn);
      for (const address of ["8.8.8.8", "::ffff:8.8.8.8", "2600::5", "2600:0:0::0005"]) {
        expect(own.denial(address, "me.example.com")).toBe("this machine's own address");
      }
      expect(own.denial("8.8.4.4")).toBeUndefined();
      expect(() => own.check("8.8.8.8", "8.8.8.8")).toThrow(/--egress-allow 8\.8\.8\.8\/32 would permit it/);
      expect(new AddressPolicy(["8.8.8.8"], [], isOwn).denial("8.8.8.8")).toBeUndefined();
      expect(new AddressPolicy(["me.example.com"], [], isOwn).denial("8.8.8.8", "me.example.com")).toBe(
        undefined,
      );
    });

    test("denying `public` leaves only what is allowed", () => {
      const only = new AddressPolicy(["api.example.com", "1.1.1.1"], ["public"]);
      expect(only.denial("1.1.1.1")).toBeUndefined();
      expect(only.denial("8.8.8.8", "api.example.com")).toBeUndefined();
      expect(only.denial("8.8.8.8", "dns.google")).toContain("public");
      expect(() => only.check("dns.google", "8.8.8.8")).toThrow(/only what is allowed .*8\.8\.8\.8\/32/);
      expect(() => new AddressPolicy(["public"])).toThrow(TypeError);
    });
  });

  test("check() names the address, the name that led to it, and the setting", () => {
    expect(() => byDefault.check("db.internal", "10.0.0.5")).toThrow(
      expect.objectContaining({
        code: "EGRESS_DENIED",
        message: expect.stringMatching(/db\.internal.*10\.0\.0\.5.*--egress-allow 10\.0\.0\.5\/32/),
      }),
    );
  });

  test.each([
    "10.0.0.0/33",
    "10.0.0/8",
    "fd00::/129",
    "::ffff:10.0.0.0/8",
    "10.0.0",
    "*",
    "a.*.b",
    "http://a.b",
    "a b",
    "public/8",
    "",
    "10.0.0.0/8/8",
    "10.0.0.0/",
    "10.0.0.0/-1",
  ])("refuses the block %j", (block) => {
    expect(() => new AddressPolicy([block])).toThrow(TypeError);
  });
});
