/** Only what does not depend on the machine: a snapshot of it must be true wherever it is restored. */
export class Navigator {
  get userAgent(): string {
    return "Node.js/22";
  }
  get language(): string {
    return "en-US";
  }
  get languages(): readonly string[] {
    return Object.freeze(["en-US"]);
  }
  get platform(): string {
    return "linux";
  }
  get hardwareConcurrency(): number {
    return 1;
  }
  get [Symbol.toStringTag](): string {
    return "Navigator";
  }
}

export const navigator = new Navigator();
