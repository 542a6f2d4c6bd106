import { expect, test } from "vitest";
import { PreludeReader, type PreludeStep } from "../../../../src/http/function-url/prelude.ts";

const nul = "\0".repeat(8);

function read(...chunks: string[]): PreludeStep {
  const reader = new PreludeReader();
  let step: PreludeStep = { kind: "more" };
  for (const chunk of chunks) {
    step = reader.push(Buffer.from(chunk, "latin1"));
    if (step.kind !== "more") break;
  }
  return step;
}

test("status, headers and cookies come before the delimiter, the body after it", () => {
  const step = read(`{"statusCode":201,"headers":{"x-a":"1"},"cookies":["c=1"]}${nul}body`);
  expect(step).toMatchObject({
    kind: "head",
    head: {
      status: 201,
      headers: ["x-a", "1", "Set-Cookie", "c=1", "Content-Type", "application/octet-stream"],
    },
  });
  expect(step.kind === "head" && step.rest.toString()).toBe("body");
});

test("it is found however the stream is cut", () => {
  const whole = `{"statusCode":204}${nul}\0rest`;
  for (let cut = 1; cut < whole.length; cut += 1) {
    const step = read(whole.slice(0, cut), whole.slice(cut));
    expect(step.kind === "head" && step.head.status).toBe(204);
  }
  expect(read(...whole).kind).toBe("head");
});

test("without statusCode it is 200", () => {
  expect(read(`{}${nul}`)).toMatchObject({ kind: "head", head: { status: 200 } });
});

test.each([
  ["", "JSON"],
  ["[]", "an object"],
  ["null", "an object"],
  ['{"statusCode":99}', "a final status"],
  ['{"headers":{"a":"\\r\\n"}}', "a header value"],
])("a prelude of %j is bad: it is not %s", (text) => {
  expect(read(text + nul).kind).toBe("bad");
});

test("a delimiter beyond the first 16 KB is not looked for", () => {
  expect(read("x".repeat(16 * 1024 + 1)).kind).toBe("bad");
  expect(read("x".repeat(16 * 1024 - 4), nul).kind).toBe("bad");
  expect(read("x".repeat(16 * 1024)).kind).toBe("more");
});
