let waiting: (() => void) | undefined;

/** The client's window is full: `proceed` runs when the host says that it has room. */
export function waitForDrain(proceed: () => void): void {
  waiting = proceed;
}

/** The host's word; a stream that nobody waits for takes it silently. */
export function drain(): void {
  const proceed = waiting;
  waiting = undefined;
  proceed?.();
}

/** The stream is over: nothing of it may answer a later one's drain. */
export function takeDrain(): void {
  waiting = undefined;
}
