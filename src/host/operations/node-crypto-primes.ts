import { OperationError } from "../../model/values.ts";

/** Of a divisor that is looked at. Primes longer than that cost too much anyway. */
const maxBytes = 4096;

/**
 * OpenSSL looks for a prime ≡ rem (mod add) for ever when there is none.
 * @throws {OperationError} ELIMIT unless there is one for certain.
 */
export function checkPrimeExists(bits: number, addition: unknown, remainder: unknown, isSafe: boolean): void {
  const add = numberOf(addition);
  const rest = remainder === undefined ? (isSafe ? 3n : 1n) : numberOf(remainder);
  // Such are refused by Node.
  if (add <= 0n || rest >= add || BigInt(bits) < BigInt(bitLength(add))) return;
  const isPossible = gcd(rest, add) === 1n && (!isSafe || canBeSafe(rest, add));
  const isCertain = bits > 20 ? bitLength(add) <= bits - 16 : hasPrime(bits, add, rest, isSafe);
  // A small one may be the only one of its kind, and the divisor itself may be it.
  if (isCertain && (isPossible || bits <= 20)) return;
  throw new OperationError(
    "ELIMIT",
    `Cannot look for a ${isSafe ? "safe " : ""}prime of ${bits} bits that is ${rest} modulo ${add}: there is none, or there are too few`,
  );
}

/** Whether q = (p - 1) / 2 can be prime too. */
function canBeSafe(rest: bigint, add: bigint): boolean {
  if (add % 4n === 0n && rest % 4n !== 3n) return false;
  return gcd(rest - 1n, add) <= 2n;
}

function hasPrime(bits: number, add: bigint, rest: bigint, isSafe: boolean): boolean {
  const [step, first] = [Number(add), Number(rest)];
  const low = 2 ** (bits - 1);
  for (let n = first + step * Math.ceil(Math.max(0, low - first) / step); n < 2 ** bits; n += step) {
    if (isPrime(n) && (!isSafe || isPrime((n - 1) / 2))) return true;
  }
  return false;
}

function isPrime(n: number): boolean {
  if (n < 2 || !Number.isInteger(n)) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

/** In a loop: numbers of thousands of digits take more steps than there is room for calls. */
function gcd(one: bigint, other: bigint): bigint {
  let [left, right] = [one, other];
  while (right !== 0n) [left, right] = [right, left % right];
  return left;
}

function bitLength(value: bigint): number {
  return value.toString(2).length;
}

/** 0, which no check passes, for what Node refuses. */
function numberOf(value: unknown): bigint {
  if (typeof value === "bigint") return value;
  const bytes =
    value instanceof ArrayBuffer
      ? Buffer.from(value)
      : ArrayBuffer.isView(value)
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.alloc(0);
  // Leading zeros, which OpenSSL skips, count too: what is cut off here would be another number there.
  if (bytes.byteLength > maxBytes) {
    throw new OperationError(
      "ELIMIT",
      `Cannot look for a prime by a number of ${bytes.byteLength} bytes: at most ${maxBytes} are allowed`,
    );
  }
  return BigInt(`0x${bytes.toString("hex") || "0"}`);
}
