/** Writes docs/api-compatibility.md, and README's table, from the operation table. */
import { readFile, writeFile } from "node:fs/promises";
import { compatibilityPage, withTable } from "./compatibility-page.ts";

const root = new URL("../", import.meta.url);
const readme = new URL("README.md", root);
await writeFile(new URL("docs/api-compatibility.md", root), compatibilityPage());
await writeFile(readme, withTable(await readFile(readme, "utf8")));
