/**
 * A service of this very process that guests may talk to. It treats them as it treats any stranger: all that tells them
 * apart is what they sign. Its origin has a name that no resolver knows, so that a redirect from elsewhere, which goes
 * through name resolution, does not lead there.
 */
export interface OwnService {
  /** `http://name`, in lower case. */
  readonly origin: string;
  fetch(request: Request): Promise<Response>;
}

/** @param url As WHATWG writes it. */
export function isOwn({ origin }: OwnService, url: string): boolean {
  return url.startsWith(`${origin}/`);
}

/** What a guest is told when it looks the service's name up, as clients do before they connect. Nobody's (RFC 7600). */
export const ownServiceAddress = "192.0.0.8";

export function isOwnName({ origin }: OwnService, name: string): boolean {
  return origin === `http://${name.toLowerCase()}`;
}
