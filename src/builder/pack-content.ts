import { zstdCompressSync } from "node:zlib";
import { type PackedEntry, type PackRange, packMethod, packSectionBytes } from "../model/file-pack.ts";

/** What is to be packed, from the root down. */
export type PackSource = PackSourceFolder | PackSourceFile | PackSourceLink;

interface Facts {
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  readonly modifiedMs: number;
}
export interface PackSourceFolder extends Facts {
  readonly kind: "folder";
  readonly children: Iterable<PackSource>;
}
export interface PackSourceFile extends Facts {
  readonly kind: "file";
  readonly read: () => Uint8Array;
}
export interface PackSourceLink extends Facts {
  readonly kind: "link";
  readonly target: string;
}

/** Lays files out as a file pack's content, and hands it on a section at a time. */
export class PackContent {
  readonly #send: (section: Uint8Array) => Promise<void>;
  readonly #section = Buffer.alloc(packSectionBytes);
  #used = 0;
  #bytes = 0;

  /** @param send Receives a section's plaintext: method and bytes. */
  constructor(send: (section: Uint8Array) => Promise<void>) {
    this.#send = send;
  }

  /** @returns Where the root's list lies, and the length of everything. */
  async write(root: PackSourceFolder): Promise<{ bytes: number; root: PackRange }> {
    const range = await this.#folder(root);
    await this.#flush();
    return { bytes: this.#bytes, root: range };
  }

  /** Files first and folders behind them: what one folder holds lies together, and is opened together. */
  async #folder({ children }: PackSourceFolder): Promise<PackRange> {
    const entries: PackedEntry[] = [];
    const folders: PackSourceFolder[] = [];
    for (const child of children) {
      const { name, mode, modifiedMs } = child;
      if (child.kind === "folder") folders.push(child);
      else if (child.kind === "link") {
        entries.push([name, "l", mode, modifiedMs, Buffer.byteLength(child.target), child.target]);
      } else {
        const [start, bytes] = await this.#add(child.read());
        entries.push([name, "f", mode, modifiedMs, bytes, start]);
      }
    }
    for (const folder of folders) {
      const [start, bytes] = await this.#folder(folder);
      entries.push([folder.name, "d", folder.mode, folder.modifiedMs, bytes, start]);
    }
    return this.#add(Buffer.from(JSON.stringify(entries)));
  }

  async #add(content: Uint8Array): Promise<PackRange> {
    const start = this.#bytes;
    for (let at = 0; at < content.byteLength; ) {
      const piece = content.subarray(at, at + packSectionBytes - this.#used);
      this.#section.set(piece, this.#used);
      this.#used += piece.byteLength;
      at += piece.byteLength;
      if (this.#used === packSectionBytes) await this.#flush();
    }
    this.#bytes += content.byteLength;
    return [start, content.byteLength];
  }

  async #flush(): Promise<void> {
    if (this.#used === 0) return;
    const content = this.#section.subarray(0, this.#used);
    this.#used = 0;
    const packed = zstdCompressSync(content);
    const isShorter = packed.byteLength < content.byteLength;
    await this.#send(
      isShorter
        ? Buffer.concat([Buffer.from([packMethod.zstd]), packed])
        : Buffer.concat([Buffer.from([packMethod.stored]), content]),
    );
  }
}
