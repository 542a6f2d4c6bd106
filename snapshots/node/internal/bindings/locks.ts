/** The web's locks by name, between whoever runs in one isolate: nobody else's are known here. */
type Mode = "shared" | "exclusive";
type Callback = (lock: Info | null) => unknown;

interface Info {
  readonly name: string;
  readonly mode: Mode;
  readonly clientId: string;
}

interface Request extends Info {
  readonly callback: Callback;
  settle(outcome: () => unknown): void;
}

export const LOCK_MODE_SHARED = "shared";
export const LOCK_MODE_EXCLUSIVE = "exclusive";
export const LOCK_STOLEN_ERROR = "LOCK_STOLEN";

let held: Request[] = [];
let pending: Request[] = [];

const isOf = (name: string) => (one: Info) => one.name === name;

/** Whether it may have its lock now: nobody holds what excludes it. */
function isFree({ name, mode }: Info): boolean {
  return !held.some((one) => one.name === name && (mode === "exclusive" || one.mode === "exclusive"));
}

function grant(request: Request): void {
  held.push(request);
  const { name, mode, clientId } = request;
  let result: unknown;
  try {
    result = request.callback({ name, mode, clientId });
  } catch (error) {
    result = Promise.reject(error);
  }
  Promise.resolve(result).then(
    (value) => release(request, () => value),
    (error: unknown) =>
      release(request, () => {
        throw error;
      }),
  );
}

function release(request: Request, outcome: () => unknown): void {
  // Stolen: its holder has been told.
  if (!held.includes(request)) return;
  held = held.filter((one) => one !== request);
  request.settle(outcome);
  grantNext(request.name);
}

/** In their order: who must wait makes wait all that came later. */
function grantNext(name: string): void {
  for (;;) {
    const next = pending.find(isOf(name));
    if (next === undefined || !isFree(next)) return;
    pending = pending.filter((one) => one !== next);
    grant(next);
  }
}

/** Settles as the callback's result does, when the lock has been released. */
export function request(
  name: string,
  clientId: string,
  mode: Mode,
  steals: boolean,
  ifAvailable: boolean,
  callback: Callback,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (outcome: () => unknown) => {
      try {
        resolve(outcome());
      } catch (error) {
        reject(error);
      }
    };
    const made: Request = { name, mode, clientId, callback, settle };
    if (steals) {
      const losers = held.filter(isOf(name));
      held = held.filter((one) => one.name !== name);
      for (const loser of losers) {
        loser.settle(() => {
          throw new Error(LOCK_STOLEN_ERROR);
        });
      }
      grant(made);
      return;
    }
    const isNext = !pending.some(isOf(name)) && isFree(made);
    if (isNext) grant(made);
    else if (ifAvailable) settle(() => callback(null));
    else pending.push(made);
  });
}

export async function query(): Promise<{ held: Info[]; pending: Info[] }> {
  const shown = ({ name, mode, clientId }: Info) => ({ name, mode, clientId });
  return { held: held.map(shown), pending: pending.map(shown) };
}
