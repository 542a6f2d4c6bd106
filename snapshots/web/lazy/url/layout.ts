/** Where the components lie in a serialised URL. Each is an offset; a missing part has its end as its start. */
export interface Layout {
  readonly scheme: number;
  readonly userStart: number;
  readonly userEnd: number;
  readonly passwordStart: number;
  readonly passwordEnd: number;
  readonly hostStart: number;
  readonly hostEnd: number;
  readonly portStart: number;
  readonly portEnd: number;
  readonly pathStart: number;
  readonly pathEnd: number;
  readonly queryEnd: number;
}

/** A serialised URL is unambiguous: user info, host and path have their separators percent-encoded. */
export function layoutOf(href: string): Layout {
  const scheme = href.indexOf(":") + 1;
  const hash = href.indexOf("#", scheme);
  const queryEnd = hash === -1 ? href.length : hash;
  const question = href.indexOf("?", scheme);
  const pathEnd = question === -1 || question > queryEnd ? queryEnd : question;
  if (!href.startsWith("//", scheme)) {
    // "/." guards a path that begins with two slashes where there is no host; it is no part of the path.
    const pathStart = href.startsWith("/.//", scheme) ? scheme + 2 : scheme;
    return {
      scheme,
      userStart: scheme,
      userEnd: scheme,
      passwordStart: scheme,
      passwordEnd: scheme,
      hostStart: scheme,
      hostEnd: scheme,
      portStart: scheme,
      portEnd: scheme,
      pathStart,
      pathEnd,
      queryEnd,
    };
  }
  const userStart = scheme + 2;
  const slash = href.indexOf("/", userStart);
  const authorityEnd = slash === -1 || slash > pathEnd ? pathEnd : slash;
  const at = href.lastIndexOf("@", authorityEnd - 1);
  const hasUser = at >= userStart;
  const hostStart = hasUser ? at + 1 : userStart;
  const colonInUser = hasUser ? href.indexOf(":", userStart) : -1;
  const hasPassword = colonInUser !== -1 && colonInUser < at;
  const bracket = href[hostStart] === "[" ? href.indexOf("]", hostStart) : hostStart;
  const colon = href.indexOf(":", bracket);
  const hasPort = colon !== -1 && colon < authorityEnd;
  return {
    scheme,
    userStart,
    userEnd: hasUser ? (hasPassword ? colonInUser : at) : userStart,
    passwordStart: hasPassword ? colonInUser + 1 : hostStart,
    passwordEnd: hasPassword ? at : hostStart,
    hostStart,
    hostEnd: hasPort ? colon : authorityEnd,
    portStart: hasPort ? colon + 1 : authorityEnd,
    portEnd: authorityEnd,
    pathStart: authorityEnd,
    pathEnd,
    queryEnd,
  };
}
