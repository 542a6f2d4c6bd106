/**
 * Where a search begins: negative offsets count from the end, and what is before the start or behind the end is
 * brought within it as Node does. -1 when nothing can be found from there.
 */
export function startOfSearch(
  length: number,
  offset: number,
  needleLength: number,
  forward: boolean,
): number {
  const at = Math.trunc(offset);
  if (at < 0) {
    if (at + length >= 0) return length + at;
    return forward || needleLength === 0 ? 0 : -1;
  }
  if (at + needleLength <= length) return at;
  if (needleLength === 0) return length;
  return forward ? -1 : length - 1;
}

/**
 * The first place at or behind `offset`, or the last at or before it, where the bytes are `needle`.
 * @param unit Bytes of one character: places are multiples of it.
 */
export function indexOfBytes(
  bytes: Uint8Array,
  needle: Uint8Array,
  offset: number,
  forward: boolean,
  end: number | undefined,
  unit: 1 | 2,
): number {
  const length = Math.max(0, Math.min(end ?? bytes.length, bytes.length));
  const start = startOfSearch(length, offset, needle.length, forward);
  if (needle.length === 0) return start;
  if (length === 0 || start < 0) return -1;
  if (needle.length > length || (forward && needle.length + start > length)) return -1;
  if (unit === 2 && (length < 2 || needle.length < 2)) return -1;
  const wanted = unit === 2 ? needle.length & ~1 : needle.length;
  const last = length - wanted;
  const step = forward ? unit : -unit;
  const haystack = new Uint8Array(bytes.buffer, bytes.byteOffset, length);
  let at = unit === 2 ? start & ~1 : start;
  if (!forward) at = Math.min(at, unit === 2 ? last & ~1 : last);
  while (at >= 0 && at <= last) {
    if (unit === 1) {
      at = forward ? haystack.indexOf(needle[0]!, at) : haystack.lastIndexOf(needle[0]!, at);
      if (at < 0 || at > last) return -1;
    }
    let same = 0;
    while (same < wanted && haystack[at + same] === needle[same]) same++;
    if (same === wanted) return at;
    at += step;
  }
  return -1;
}
