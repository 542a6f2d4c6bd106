/** Writes docs/api-compatibility.md, and README's tables, from the operation table and the table of what is provided. */
import { readFile, writeFile } from "node:fs/promises";
import { compatibilityPage, withTables } from "./compatibility-page.ts";

const root = new URL("../", import.meta.url);
const readme = new URL("README.md", root);
await writeFile(new URL("docs/api-compatibility.md", root), compatibilityPage());
await writeFile(readme, withTables(await readFile(readme, "utf8")));
