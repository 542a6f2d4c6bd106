import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { matrixFunctions } from "../../e2e/package-matrix/functions.ts";
import { packagesPage, resultsOn } from "../../e2e/package-matrix/packages-page.ts";

const root = new URL("../../../", import.meta.url);
const page = await readFile(new URL("docs/packages.md", root), "utf8");

test("docs/packages.md tells of every function of the matrix, with the packages' versions as they are installed", () => {
  const results = resultsOn(page);
  expect([...results.keys()]).toEqual(matrixFunctions.map(({ name }) => name));
  expect(page, "run `npm run test:packages -- -u`").toBe(packagesPage(results));
});

test("the matrix has the packages that functions for Lambda use most", () => {
  const packages = new Set(matrixFunctions.flatMap((fn) => fn.packages));
  const wanted = `hono express fastify zod ajv lodash date-fns luxon uuid jose jsonwebtoken handlebars graphql react-dom @aws-sdk/client-s3
    @aws-sdk/client-lambda @aws-lambda-powertools/logger @aws-lambda-powertools/tracer @aws-lambda-powertools/metrics @middy/core axios
    undici pg ioredis mongodb mysql2 pino winston sharp`;
  expect(wanted.split(/\s+/).filter((name) => !packages.has(name))).toEqual([]);
});

test.each(matrixFunctions)(
  "$name does something, with a result that nothing else tells of",
  ({ name, does, answer }) => {
    expect(existsSync(new URL(`test/fixtures/packages/${name}.mjs`, root))).toBe(true);
    expect(matrixFunctions.filter((other) => other.does === does)).toHaveLength(1);
    expect(answer).toBeDefined();
  },
);
