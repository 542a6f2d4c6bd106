import { assertFunction, invalidArgType } from "./errors.ts";

/** process.finalization: who is told of the process's end, as long as the object lives that it was registered for. */
type Callback = (object: object, event: string) => void;

interface Emitter {
  once(name: string, listener: () => void): unknown;
}

export function createFinalization(process: () => Emitter) {
  let entries: {
    readonly reference: WeakRef<object>;
    readonly callback: Callback;
    readonly event: string;
  }[] = [];
  const heard = new Set<string>();

  const registerFor = (event: string) => (object: object, callback: Callback) => {
    if ((typeof object !== "object" && typeof object !== "function") || object === null) {
      throw invalidArgType("obj", "of type object", object);
    }
    assertFunction(callback, "fn");
    entries.push({ reference: new WeakRef(object), callback, event });
    if (heard.has(event)) return;
    heard.add(event);
    process().once(event, () => {
      heard.delete(event);
      const ended = entries.filter((entry) => entry.event === event);
      entries = entries.filter((entry) => entry.event !== event);
      for (const { reference, callback: tell } of ended) {
        const target = reference.deref();
        if (target !== undefined) tell(target, event);
      }
    });
  };

  return {
    register: registerFor("exit"),
    registerBeforeExit: registerFor("beforeExit"),
    unregister(object: object): void {
      entries = entries.filter(({ reference }) => reference.deref() !== object);
    },
  };
}
