import { describe, expect, test } from "vitest";
import { guest, outcome } from "./guest.ts";

const realms: [string, typeof globalThis][] = [
  ["guest", guest],
  ["Node", globalThis],
];

/** Runs the same on both; Node's answer is the expectation. */
async function same(run: (realm: typeof globalThis) => unknown): Promise<void> {
  expect(await outcome(() => run(guest))).toEqual(await outcome(() => run(globalThis)));
}

describe("EventTarget", () => {
  test("calls listeners once each, in order, and obeys once, capture and removal", () =>
    same((realm) => {
      const target = new realm.EventTarget();
      const seen: unknown[] = [];
      const a = () => seen.push("a");
      const object = { handleEvent: (event: Event) => seen.push(["object", event.type]) };
      target.addEventListener("x", a);
      target.addEventListener("x", a);
      target.addEventListener("x", a, { capture: true });
      target.addEventListener("x", object, { once: true });
      target.addEventListener("x", () => target.removeEventListener("x", later));
      const later = () => seen.push("never");
      target.addEventListener("x", later);
      seen.push(target.dispatchEvent(new realm.Event("x")));
      target.removeEventListener("x", a);
      seen.push(target.dispatchEvent(new realm.Event("x")));
      return seen;
    }));

  test("cancelling, stopping and passive listeners", () =>
    same((realm) => {
      const target = new realm.EventTarget();
      const seen: unknown[] = [];
      target.addEventListener("p", (event) => event.preventDefault(), { passive: true });
      seen.push(target.dispatchEvent(new realm.Event("p", { cancelable: true })));
      target.addEventListener("c", (event) => event.preventDefault());
      target.addEventListener("c", (event) => event.stopImmediatePropagation());
      target.addEventListener("c", () => seen.push("never"));
      const event = new realm.CustomEvent("c", { cancelable: true, detail: { a: 1 } });
      seen.push(target.dispatchEvent(event), event.defaultPrevented, event.detail, event.target === target);
      seen.push(event.currentTarget, event.composedPath().length, event.bubbles, event.isTrusted);
      seen.push(target.dispatchEvent(new realm.Event("c")));
      return seen;
    }));

  test("a signal removes the listener", () =>
    same((realm) => {
      const target = new realm.EventTarget();
      const controller = new realm.AbortController();
      let count = 0;
      target.addEventListener("x", () => count++, { signal: controller.signal });
      target.dispatchEvent(new realm.Event("x"));
      controller.abort();
      target.dispatchEvent(new realm.Event("x"));
      target.addEventListener("x", () => count++, { signal: controller.signal });
      target.dispatchEvent(new realm.Event("x"));
      return count;
    }));

  // Here the standard counts, from which Node departs.
  test("an event is not dispatched twice at once", () => {
    const target = new guest.EventTarget();
    const seen: unknown[] = [];
    target.addEventListener("x", (event) => {
      seen.push(event.eventPhase, event.currentTarget === target);
      expect(() => target.dispatchEvent(event)).toThrow(
        expect.objectContaining({ name: "InvalidStateError" }),
      );
    });
    const event = new guest.Event("x");
    target.dispatchEvent(event);
    expect([...seen, event.eventPhase, event.currentTarget]).toEqual([2, true, 0, null]);
  });

  test("a listener added during a dispatch hears the next one only", () => {
    const target = new guest.EventTarget();
    let count = 0;
    target.addEventListener("x", () => target.addEventListener("x", () => count++));
    target.dispatchEvent(new guest.Event("x"));
    expect(count).toBe(0);
    target.dispatchEvent(new guest.Event("x"));
    expect(count).toBe(1);
  });

  test.each([[[]], [["x"]], [["x", 1]], [["x", null]], [["x", () => 1, { signal: 1 }]]])(
    "addEventListener(%j) is accepted or refused as in Node",
    async (args) => {
      const add = (realm: typeof globalThis) => {
        const target = new realm.EventTarget();
        (target.addEventListener as (...args: unknown[]) => void).apply(target, args);
      };
      await same(add);
    },
  );

  test("a class that extends it works", () =>
    same((realm) => {
      class Mine extends realm.EventTarget {
        fired = 0;
      }
      const mine = new Mine();
      mine.addEventListener("x", function (this: Mine) {
        this.fired++;
      } as () => void);
      mine.dispatchEvent(new realm.Event("x"));
      return mine.fired;
    }));
});

describe("DOMException", () => {
  test("is an error with the web's name and code", () =>
    same((realm) => {
      const error = new realm.DOMException("m", "AbortError");
      const plain = new realm.DOMException();
      const cause = new realm.DOMException("m", { name: "X", cause: 1 } as unknown as string) as Error;
      return [
        ...[
          error.name,
          error.message,
          error.code,
          error instanceof Error,
          `${error}`,
          error.stack?.split("\n")[0],
        ],
        ...[
          plain.name,
          plain.message,
          plain.code,
          cause.name,
          cause.cause,
          realm.DOMException.DATA_CLONE_ERR,
        ],
        ...[Object.keys(error), realm.DOMException.prototype.URL_MISMATCH_ERR],
        Object.keys(realm.DOMException).sort(),
      ];
    }));
});

describe("AbortSignal", () => {
  test("abort(), reason, throwIfAborted and onabort", () =>
    same((realm) => {
      const controller = new realm.AbortController();
      const seen: unknown[] = [controller.signal.aborted, controller.signal.reason];
      controller.signal.onabort = (event) => seen.push("replaced", event.type);
      controller.signal.onabort = (event) => seen.push("on", event.type, event.isTrusted);
      controller.signal.addEventListener("abort", () => seen.push("listener"));
      controller.abort();
      controller.abort("again");
      seen.push((controller.signal.reason as Error).name, (controller.signal.reason as Error).message);
      seen.push(realm.AbortSignal.abort("mine").reason);
      controller.signal.throwIfAborted();
      return seen;
    }));

  test("any() follows whichever aborts first", () =>
    same((realm) => {
      const a = new realm.AbortController();
      const b = new realm.AbortController();
      const any = realm.AbortSignal.any([a.signal, b.signal]);
      const nested = realm.AbortSignal.any([any]);
      let count = 0;
      nested.addEventListener("abort", () => count++);
      b.abort("b");
      a.abort("a");
      return [any.reason, nested.reason, count, realm.AbortSignal.any([a.signal, b.signal]).reason];
    }));

  test.each([[[]], [[{}]], [["x"]]])("any(%j) of what is no signal", (signals) =>
    same((realm) => realm.AbortSignal.any(signals as unknown as AbortSignal[]).aborted),
  );

  test.each(realms)("timeout() aborts with a TimeoutError (%s)", async (_, realm) => {
    const signal = realm.AbortSignal.timeout(5);
    // The guest's timer is unref'd as Node's: something else keeps the process waiting.
    const alive = setTimeout(() => {}, 10_000);
    await new Promise((resolve) => signal.addEventListener("abort", resolve));
    clearTimeout(alive);
    expect((signal.reason as Error).name).toBe("TimeoutError");
  });

  test("cannot be constructed, and refuses a bad delay", async () => {
    await same((realm) => new (realm.AbortSignal as unknown as new () => object)());
    for (const delay of [-1, Number.NaN, Number.POSITIVE_INFINITY, "x"]) {
      await same((realm) => realm.AbortSignal.timeout(delay as number).aborted);
    }
  });
});

describe("crypto", () => {
  test.each(["SHA-1", "sha-256", "SHA-384", "SHA-512", "MD5", ""])("digest %j", (name) =>
    same(async (realm) => {
      const data = new TextEncoder().encode("abc").subarray(1);
      return [...new Uint8Array(await realm.crypto.subtle.digest(name, data))];
    }),
  );

  test("getRandomValues fills the view only, and refuses what Node refuses", async () => {
    const whole = new Uint8Array(64);
    guest.crypto.getRandomValues(whole.subarray(16, 48));
    expect(whole.subarray(0, 16).every((byte) => byte === 0)).toBe(true);
    expect(whole.subarray(48).every((byte) => byte === 0)).toBe(true);
    expect(whole.some((byte) => byte !== 0)).toBe(true);
    for (const array of [
      new Float32Array(1),
      new DataView(new ArrayBuffer(1)),
      new Uint8Array(65_537),
      {},
      new Uint32Array(0),
    ]) {
      await same((realm) => realm.crypto.getRandomValues(array as Uint8Array<ArrayBuffer>).length);
    }
  });

  test("randomUUID is a version 4 UUID, new each time", () => {
    const uuid = guest.crypto.randomUUID();
    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(guest.crypto.randomUUID()).not.toBe(uuid);
  });
});

test("performance.now goes on from a time origin", () => {
  const { performance } = guest;
  expect(performance.now()).toBeLessThanOrEqual(performance.now());
  expect(Math.abs(performance.timeOrigin + performance.now() - Date.now())).toBeLessThan(1000);
});

test("queueMicrotask runs before what was queued later, and refuses what is no function", async () => {
  const seen: string[] = [];
  guest.queueMicrotask(() => seen.push("first"));
  await Promise.resolve().then(() => seen.push("second"));
  expect(seen).toEqual(["first", "second"]);
  expect(() => guest.queueMicrotask(1 as unknown as () => void)).toThrow(TypeError);
});

describe("DOMException as Web IDL has it", () => {
  test("is an error that no class of Error's made, and knows its own", () =>
    same((realm) => {
      const { DOMException: Made } = realm;
      class Derived extends Made {}
      const derived = new Derived("m", "n");
      const getter = Object.getOwnPropertyDescriptor(Made.prototype, "message")!;
      const refused = (run: () => unknown) => {
        try {
          return run();
        } catch (error) {
          return (error as Error).name;
        }
      };
      return [
        [
          Object.getPrototypeOf(Made) === Function.prototype,
          derived instanceof Error,
          derived instanceof Derived,
        ],
        [derived.name, derived.message, String(derived), String(derived.stack).split("\n")[0]],
        [getter.enumerable, refused(() => getter.get!.call({})), refused(() => Made.prototype.toString())],
        [Made.length, Object.keys(derived), "stack" in derived],
      ];
    }));
  test("QuotaExceededError says how much there is", () =>
    same((realm) => {
      type Quota = { quota?: number; requested?: number };
      const { QuotaExceededError: Made } = realm as unknown as {
        QuotaExceededError: new (message?: string, options?: Quota) => DOMException & Quota;
      };
      const made = ({ name, code, quota, requested }: DOMException & Quota) => [name, code, quota, requested];
      const refused = [{ quota: -1 }, { quota: 5, requested: 3 }, { quota: Number.NaN }].map((options) => {
        try {
          return made(new Made("m", options));
        } catch (error) {
          return (error as Error).name;
        }
      });
      return [made(new Made()), made(new Made("m", { quota: 1, requested: 2 })), refused];
    }));
});
