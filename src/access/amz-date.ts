/** A moment as SigV4 writes it: `20150830T123600Z`. */
export interface AmzDate {
  readonly text: string;
  readonly epochMs: number;
}

const form = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/;

/** @returns undefined for what is no such moment. */
export function parseAmzDate(text: string): AmzDate | undefined {
  const parts = form.exec(text);
  if (parts === null) return undefined;
  const [, year, month, day, hour, minute, second] = parts;
  const epochMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(epochMs) || formatAmzDate(epochMs) !== text) return undefined;
  return { text, epochMs };
}

/** @param epochMs Fractions of a second are cut off. */
export function formatAmzDate(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}
