/** The file, under `modules/` of a guest folder, in which the script of a guest module lies. */
export function moduleFile(specifier: string): string {
  return `${specifier.replaceAll(/[^a-z0-9]+/gi, "-")}.js`;
}
