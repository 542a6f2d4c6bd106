import { parse } from "node:querystring";

/** A request target, taken apart once; the JSON members are ready to be put into an event. */
export interface RequestTarget {
  /** The authority of an absolute-form target: it overrides the Host header (RFC 9112, 3.2.2). */
  readonly authority: string | undefined;
  /** As sent, percent-escapes kept. */
  readonly path: string;
  /** As sent, without `?`. */
  readonly query: string;
  readonly pathJson: string;
  /** `"rawQueryString":…,` */
  readonly queryJson: string;
  /** `,"queryStringParameters":{…}`, or nothing. */
  readonly parametersJson: string;
}

const absoluteForm = /^https?:\/\/([^/?#]*)(.*)$/is;
const pathForm = /^\/_url\/([0-9a-zA-Z]{32})(?=[/?]|$)(.*)$/s;

/** @returns undefined for a target that is neither origin-form nor absolute-form. */
export function parseRequestTarget(target: string): RequestTarget | undefined {
  if (target.charCodeAt(0) === slash) return originForm(target, undefined);
  const absolute = absoluteForm.exec(target);
  if (absolute === null) return undefined;
  const [, authority = "", rest = ""] = absolute;
  // User information in an authority is no part of the host.
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  return originForm(rest.startsWith("/") ? rest : `/${rest}`, host);
}

/** A target below `/_url/<url-id>`: whose URL it is, and the target within it. */
export function splitUrlPath(target: RequestTarget): { urlId: string; target: RequestTarget } | undefined {
  const match = pathForm.exec(target.path);
  if (match === null) return undefined;
  const [, urlId = "", rest = ""] = match;
  const path = rest === "" ? "/" : rest;
  return {
    urlId: urlId.toLowerCase(),
    target: originForm(target.query === "" ? path : `${path}?${target.query}`, target.authority),
  };
}

function originForm(target: string, authority: string | undefined): RequestTarget {
  const mark = target.indexOf("?");
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? "" : target.slice(mark + 1);
  return {
    authority,
    path,
    query,
    pathJson: JSON.stringify(path),
    queryJson: `"rawQueryString":${JSON.stringify(query)},`,
    parametersJson: query === "" ? "" : `,"queryStringParameters":${JSON.stringify(queryParameters(query))}`,
  };
}

/** Decoded, repeats joined by a comma. A broken escape stays as it came. */
function queryParameters(query: string): Record<string, string> {
  const parameters: Record<string, string> = Object.create(null);
  // maxKeys 0: the bound is the size of a request's head.
  for (const [name, value] of Object.entries(parse(query, "&", "=", { maxKeys: 0 }))) {
    parameters[name] = Array.isArray(value) ? value.join(",") : (value ?? "");
  }
  return parameters;
}

const slash = 47;
