let last = 0;

/** A number for a fetch that no other of this environment has; the host's operations know the fetch by it. */
export function nextFetchHandle(): number {
  last++;
  return last;
}
