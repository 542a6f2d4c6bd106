import { readFileSync } from "node:fs";
import { findPackageRoot } from "./package-root.ts";

const { version: text } = JSON.parse(readFileSync(new URL("package.json", findPackageRoot()), "utf8")) as {
  version: string;
};

/** Of this package. */
export const version: string = text;
