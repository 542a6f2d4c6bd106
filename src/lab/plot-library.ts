/**
 * The only file that knows the plotting library. In the package it is one bundled script, made by `scripts/build.ts`:
 * the library is no dependency of whoever installs Brisk. It is imported lazily, since it takes longer to load than most commands take.
 */
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";

export type PlotSpec = TopLevelSpec;

/** Draws without a browser. Text is escaped by the library; nothing is loaded over the network. */
export async function renderSvg(spec: PlotSpec): Promise<string> {
  const view = new View(parse(compile(spec).spec), { renderer: "none", loader: noLoader });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/** No spec has a URL; one that came in with a name is refused. */
const refuse = () => Promise.reject(new Error("a plot loads nothing"));
const noLoader = { load: refuse, sanitize: refuse, http: refuse, file: refuse };
