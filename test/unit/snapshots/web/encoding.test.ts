import { isAscii } from "node:buffer";
import { describe, expect, test } from "vitest";
import { isAsciiOnly, latin1Decode } from "../../../../snapshots/web/latin1.ts";
import { guest, outcome } from "./guest.ts";

const long = "aé€😀\ud800".repeat(3000);
const texts = [
  "",
  "abc",
  "é",
  "€",
  "😀",
  "\ud800",
  "\udc00x",
  "\ud83d\ud83d\ude00",
  "a\0b",
  "\ufeffx",
  long,
  `${"x".repeat(4095)}😀`,
];

describe("TextEncoder", () => {
  test.each(texts)("encodes as Node's", (text) => {
    expect([...new guest.TextEncoder().encode(text)]).toEqual([...new TextEncoder().encode(text)]);
  });

  test("encodeInto writes whole characters only", () => {
    for (const text of texts.slice(0, 10)) {
      for (let room = 0; room < 8; room++) {
        const run = (realm: typeof globalThis) => {
          const target = new Uint8Array(room);
          const { read, written } = new realm.TextEncoder().encodeInto(text, target);
          return [read, written, [...target]];
        };
        expect([text, room, run(guest)]).toEqual([text, room, run(globalThis)]);
      }
    }
  });
});

const broken = [
  [0xff],
  [0xc0, 0x80],
  [0xc3],
  [0xe2, 0x82],
  [0xe2, 0x28, 0xa1],
  [0xed, 0xa0, 0x80],
  [0xf0, 0x9f, 0x98],
  [0xf0, 0x80, 0x80, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xf5, 0x80],
  [0xef, 0xbb, 0xbf, 0x41],
  [0xef, 0xbb, 0xbf, 0xef, 0xbb, 0xbf],
  [0xef, 0xbb],
  [0x80, 0x41, 0xbf],
  [0xe0, 0x80, 0xaf],
  [0x41, 0xf0, 0x9f, 0x41],
];

describe("TextDecoder", () => {
  for (const fatal of [false, true]) {
    for (const ignoreBOM of [false, true]) {
      test(`decodes any bytes as Node's (fatal: ${fatal}, ignoreBOM: ${ignoreBOM})`, async () => {
        const samples = [...broken, ...texts.map((text) => [...new TextEncoder().encode(text)])];
        for (const sample of samples) {
          for (const pad of [0, 3000]) {
            const bytes = new Uint8Array([...sample, ...new Array(pad).fill(0x61), ...sample.slice(0, 8)]);
            const run = (realm: typeof globalThis) =>
              outcome(() => new realm.TextDecoder("utf-8", { fatal, ignoreBOM }).decode(bytes));
            expect(await run(guest)).toEqual(await run(globalThis));
          }
        }
      });
    }
  }

  test.each([
    "utf-8",
    "utf-16le",
    "utf-16be",
    "shift_jis",
    "gb18030",
    "euc-jp",
    "big5",
    "euc-kr",
    "windows-1252",
  ])("%s in chunks of any size is as in Node", async (label) => {
    const samples = [
      [...new TextEncoder().encode("\ufeffaé€😀z")],
      [0xff, 0xfe, 0x3d, 0xd8, 0x00, 0xde, 0x41],
      [0xd8, 0x3d, 0xde, 0x00, 0x41],
      [0x82, 0xa0, 0x81, 0x30, 0x81, 0x30, 0xa4, 0xa2, 0x8f, 0xa2, 0xaf, 0x61, 0x82],
      ...broken,
    ];
    for (const sample of samples) {
      for (let size = 1; size <= 4; size++) {
        for (const fatal of [false, true]) {
          const run = (realm: typeof globalThis) =>
            outcome(() => {
              const decoder = new realm.TextDecoder(label, { fatal });
              let text = "";
              for (let at = 0; at < sample.length; at += size) {
                text += decoder.decode(new Uint8Array(sample.slice(at, at + size)), { stream: true });
              }
              return text + decoder.decode();
            });
          expect([label, sample, size, fatal, await run(guest)]).toEqual([
            ...[label, sample, size, fatal],
            await run(globalThis),
          ]);
        }
      }
    }
  });

  test.each(["UTF8", " utf-8\n", "latin1", "ascii", "utf-16", "nope", "", "x".repeat(100)])(
    "label %j names the encoding that Node says",
    async (label) => {
      const run = (realm: typeof globalThis) => outcome(() => new realm.TextDecoder(label).encoding);
      expect(await run(guest)).toEqual(await run(globalThis));
    },
  );

  test("takes buffers and any view, and nothing else", async () => {
    const bytes = new Uint8Array([0x61, 0x62, 0x63, 0x64]);
    const inputs = [
      bytes.buffer,
      new DataView(bytes.buffer, 1, 2),
      new Uint16Array(bytes.buffer),
      undefined,
      null,
      "x",
      3,
      {},
    ];
    for (const input of inputs) {
      const run = (realm: typeof globalThis) =>
        outcome(() => new realm.TextDecoder().decode(input as Uint8Array));
      expect(await run(guest)).toEqual(await run(globalThis));
    }
  });
});

describe("atob and btoa", () => {
  const samples = [
    "",
    "YQ==",
    "YQ=",
    "YQ",
    "Y",
    "YR",
    " Y Q\n=\t= ",
    "YQ===",
    "Y=Q=",
    "a-b_",
    "ab\u00a0cd",
    "ab\vcd",
    "====",
    "=",
    "YWJj\f",
    "//8=",
    "null",
    "ü",
    "😀",
  ];
  test.each(samples)("%j is as in Node", async (text) => {
    for (const name of ["atob", "btoa"] as const) {
      expect(await outcome(() => guest[name](text))).toEqual(await outcome(() => globalThis[name](text)));
    }
  });
  test("carry every byte", () => {
    const all = String.fromCharCode(...new Uint8Array(256).map((_, index) => index)).repeat(50);
    expect(guest.atob(guest.btoa(all))).toBe(all);
    expect(guest.btoa(all)).toBe(btoa(all));
  });
});

describe("TextDecoder of what comes in pieces or is not ours alone", () => {
  /** あい, half-width katakana, ASCII in between: each shift lasts until the next. */
  const japanese = [0x1b, 0x24, 0x42, 0x24, 0x22, 0x24, 0x24, 0x1b, 0x28, 0x49, 0x31, 0x1b, 0x28, 0x42, 0x41];
  const byPieces = (realm: typeof globalThis, size: number) => {
    const decoder = new realm.TextDecoder("iso-2022-jp");
    let text = "";
    for (let at = 0; at < japanese.length; at += size)
      text += decoder.decode(new Uint8Array(japanese.slice(at, at + size)), { stream: true });
    return text + decoder.decode();
  };
  test.each([1, 2, 3, 4, 5, 7, 15])("ISO-2022-JP keeps its shift over pieces of %i bytes", (size) => {
    expect(byPieces(guest, size)).toBe(byPieces(globalThis, 15));
  });
  test("a decoder that is used again starts without a shift", () => {
    const decoder = new guest.TextDecoder("iso-2022-jp");
    decoder.decode(new Uint8Array(japanese.slice(0, 5)), { stream: true });
    decoder.decode();
    expect(decoder.decode(new Uint8Array([0x24, 0x22]))).toBe('$"');
  });
  test("shared memory is decoded, memory that was transferred away is empty", () => {
    const shared = new Uint8Array(new SharedArrayBuffer(4));
    shared.set([0x68, 0, 0x69, 0]);
    const gone = new Uint8Array([0x41]);
    structuredClone(gone, { transfer: [gone.buffer] });
    for (const realm of [guest, globalThis]) {
      expect(new realm.TextDecoder("utf-16le").decode(shared)).toBe("hi");
      expect(new realm.TextDecoder().decode(shared.buffer as never)).toBe("h\0i\0");
      expect(new realm.TextDecoder().decode(gone.buffer)).toBe("");
      expect(new realm.TextDecoder().decode(gone)).toBe("");
    }
  });
});

describe("text that is decoded in pieces", () => {
  /** Around the lengths of a word, a piece, a view that is worth its cost, and what is decoded in the guest. */
  const lengths = [
    0, 1, 3, 4, 5, 31, 32, 33, 36, 63, 64, 67, 127, 128, 129, 131, 160, 1024, 2047, 2048, 2049,
  ];
  const memory = new Uint8Array(4096).map((_, index) => 32 + (index % 90));

  test.each([0, 1, 2, 3])("every byte is there, %i bytes into its buffer", (offset) => {
    for (const length of lengths) {
      const bytes = memory.subarray(offset, offset + length);
      expect(new guest.TextDecoder().decode(bytes), `${length}`).toBe(new TextDecoder().decode(bytes));
    }
  });

  test.each([0, 1])(
    "one byte that is no ASCII is seen wherever it is, %i bytes into the buffer",
    async (offset) => {
      for (const length of [33, 128, 131, 163]) {
        for (let at = 0; at < length; at++) {
          const bytes = memory.slice(0, offset + length).subarray(offset);
          bytes[at] = 0x80;
          const run = async (realm: typeof globalThis) => [
            new realm.TextDecoder().decode(bytes),
            await outcome(() => new realm.TextDecoder("utf-8", { fatal: true }).decode(bytes)),
          ];
          expect(await run(guest), `${at} of ${length}`).toEqual(await run(globalThis));
        }
      }
    },
  );

  test.each([31, 126, 127, 1023])("a character lies over the border behind %i bytes", (before) => {
    for (const character of ["é", "€", "😀", "\ufeff", "\ufffd"]) {
      const bytes = new TextEncoder().encode(`\ufeff${"x".repeat(before)}${character}${"y".repeat(140)}`);
      for (const ignoreBOM of [false, true]) {
        const run = (realm: typeof globalThis) => {
          const decoder = new realm.TextDecoder("utf-8", { ignoreBOM, fatal: true });
          const whole = decoder.decode(bytes);
          const cut = before + 4;
          const parts = [bytes.subarray(0, cut), bytes.subarray(cut)];
          return [whole, parts.map((part) => decoder.decode(part, { stream: true })), decoder.decode()];
        };
        expect(run(guest)).toEqual(run(globalThis));
      }
    }
  });

  test.each([0, 1])("one character for each byte, %i bytes into their buffer", (offset) => {
    const all = Uint8Array.from({ length: 9000 }, (_, index) => index * 7);
    for (const length of [...lengths, 4096, 4097, 8999]) {
      const bytes = all.subarray(offset, offset + length);
      expect(latin1Decode(bytes), `${length}`).toBe(Buffer.from(bytes).toString("latin1"));
      expect(isAsciiOnly(bytes), `${length}`).toBe(isAscii(bytes));
    }
  });
});
