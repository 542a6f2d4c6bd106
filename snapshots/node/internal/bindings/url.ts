import { formatURL } from "../url-functions.ts";

export function format(
  href: string,
  fragment: boolean,
  unicode: boolean,
  search: boolean,
  auth: boolean,
): string {
  return formatURL(href, { fragment, unicode, search, auth });
}
