import { domainToASCII } from "../url-functions.ts";

/** A host name as it goes to a name server. "" for one that cannot. */
export function toASCII(name: string): string {
  for (let index = 0; index < name.length; index++) {
    if (name.charCodeAt(index) > 0x7f) return domainToASCII(name);
  }
  return name;
}
