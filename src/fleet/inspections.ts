import { randomUUID } from "node:crypto";
import {
  type Attachment,
  type Debugger,
  type InspectedIsolate,
  type InspectionView,
  mostDebuggers,
} from "../model/inspection.ts";
import type { VersionSpec } from "../model/version.ts";
import { FrameError } from "../model/wire/index.ts";
import type { Environment } from "./environment.ts";

/** One message of V8's to a debugger: a whole script's text, at most. */
const maxMessageBytes = 256 * 1024 * 1024;
/** A host sends pieces of 4 MiB. */
const mostPieces = 128;

interface Attached {
  readonly peer: Debugger;
  /** Pieces of a message whose end has not come. */
  pieces: Buffer[];
  pieceBytes: number;
}

class Inspected implements InspectedIsolate {
  readonly id = randomUUID();
  readonly environment: Environment;
  readonly attached = new Map<number, Attached>();

  constructor(environment: Environment) {
    this.environment = environment;
  }

  get spec(): VersionSpec {
    return this.environment.pool.spec;
  }
}

/** The environments that debuggers may be attached to, and what goes between them. */
export class Inspections implements InspectionView {
  readonly #inspected = new Map<Environment, Inspected>();
  #lastDebugger = 0;

  /** Its host was told to open it. */
  opened(environment: Environment): void {
    this.#inspected.set(environment, new Inspected(environment));
  }

  gone(environment: Environment): void {
    const inspected = this.#inspected.get(environment);
    this.#inspected.delete(environment);
    for (const { peer } of inspected?.attached.values() ?? []) peer.detached("its environment has ended");
  }

  get isolates(): readonly InspectedIsolate[] {
    return [...this.#inspected.values()].reverse();
  }

  attach(isolate: InspectedIsolate, peer: Debugger): Attachment {
    const inspected = [...this.#inspected.values()].find((one) => one === isolate);
    if (inspected === undefined) throw new Error("Cannot debug an isolate that has ended");
    const { attached, environment } = inspected;
    if (attached.size >= mostDebuggers)
      throw new Error(`Cannot debug an isolate with more than ${mostDebuggers} debuggers`);
    const id = ++this.#lastDebugger;
    attached.set(id, { peer, pieces: [], pieceBytes: 0 });
    return {
      send: (command) => {
        if (attached.has(id)) environment.host.sendInspect(environment.id, id, command);
      },
      detach: () => {
        if (attached.delete(id)) environment.host.sendInspect(environment.id, id, "");
      },
    };
  }

  /** A piece of what an environment's isolate says to a debugger. */
  received(environment: Environment, debuggerId: number, isLast: boolean, piece: Buffer): void {
    const attached = this.#inspected.get(environment)?.attached;
    const to = attached?.get(debuggerId);
    if (attached === undefined || to === undefined) return;
    to.pieceBytes += piece.byteLength;
    if (to.pieceBytes > maxMessageBytes || to.pieces.length >= mostPieces)
      throw new FrameError("A host sent more than a debugger is told at once");
    to.pieces.push(piece);
    if (!isLast) return;
    const message = Buffer.concat(to.pieces).toString("utf8");
    to.pieces = [];
    to.pieceBytes = 0;
    if (message !== "") to.peer.said(message);
    else if (attached.delete(debuggerId)) to.peer.detached("its sessions are all in use");
  }
}
