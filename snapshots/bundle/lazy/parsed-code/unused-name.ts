/** A name that begins so and that the code has nowhere. */
export function unusedName(name: string, code: string): string {
  let found = name;
  for (let serial = 0; code.includes(found); serial++) found = `${name}${serial}`;
  return found;
}
