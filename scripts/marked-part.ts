/**
 * `text` with `content`, which ends with a line's end, as all that stands between two lines of it.
 * @param begin The first line, such as `<!-- costs: … -->`. @param end The last one.
 * @throws {Error} One of them is missing: `page` says whose they are.
 */
export function withMarkedPart(
  text: string,
  marks: { readonly page: string; readonly begin: string; readonly end: string },
  content: string,
): string {
  const { page, begin, end } = marks;
  const from = text.indexOf(`${begin}\n`);
  const to = text.indexOf(`${end}\n`, from);
  if (from < 0 || to < 0) {
    throw new Error(`Cannot write the tables of ${page}: there is no line ${begin} before ${end}`);
  }
  return `${text.slice(0, from + begin.length)}\n${content}${text.slice(to)}`;
}
