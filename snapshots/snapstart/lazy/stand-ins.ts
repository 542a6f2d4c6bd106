import { installDate } from "./stand-ins/date.ts";
import { installFinalizationRegistry, registerKept } from "./stand-ins/finalization-registry.ts";
import { installIntl, putIntlBack } from "./stand-ins/intl.ts";
import {
  providePolyfills,
  putLateMembersBack,
  reasonAgainstLateMembers,
  takeLateMembersAway,
} from "./stand-ins/late-members.ts";
import { forgetReasons, reasonAgainst, setFreezing, setTaped } from "./stand-ins/phase.ts";
import { installRandom } from "./stand-ins/random.ts";
import { dropNatives } from "./stand-ins/remade.ts";
import { adoptSharedMemory, installWait } from "./stand-ins/shared-memory.ts";
import { watchUnfreezable } from "./stand-ins/unfreezable.ts";
import { installWebAssembly, putWebAssemblyBack, takeWebAssemblyAway } from "./stand-ins/web-assembly.ts";

// For the stand-ins that are scripts of their own: one state for all.
export { type AnyFunction, define, disguise, disguiseClass } from "./stand-ins/disguise.ts";
export { refuseFreeze, standsIn, taped, wallClock } from "./stand-ins/phase.ts";
export { isStandIn, nativeOf, standIn } from "./stand-ins/remade.ts";

/*
 * The globals of a function with SnapStart. They are replaced before its code runs and stay replaced afterwards, since
 * the code keeps what it captured: two kinds of `Date` in one heap would not know each other.
 */

/** Called before user code, where init is recorded as well as where it is replayed. */
export function prepareInit(): void {
  setFreezing(providePolyfills());
  setTaped(true);
  installDate();
  installRandom();
  installIntl();
  installFinalizationRegistry();
  installWebAssembly();
  installWait();
  watchUnfreezable();
}

/**
 * Called when init has ended: nothing that V8 can't freeze is left.
 * @returns A sentence that says why the heap can't be frozen, if so.
 */
export function beforeFreeze(): string | undefined {
  const reason = reasonAgainst() ?? reasonAgainstLateMembers();
  if (reason !== undefined) return reason;
  dropNatives();
  takeWebAssemblyAway();
  takeLateMembersAway();
  return undefined;
}

/** Called in every heap that was restored, before anything else: time, chance and native objects are live. */
export function afterRestore(): void {
  setTaped(false);
  forgetReasons();
  const heap = putLateMembersBack();
  setFreezing(heap === "freezing");
  if (heap === "restored") {
    putIntlBack();
    adoptSharedMemory();
  }
  putWebAssemblyBack(heap);
  if (heap !== "freezing") registerKept();
}
