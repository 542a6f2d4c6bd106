import source from "tiny.txt";

// Every id that was not seen before is an isolate of its own.
export default {
  async fetch(request, env) {
    const id = new URL(request.url).searchParams.get("id");
    const worker = env.LOADER.get(id, async () => ({
      compatibilityDate: "2026-11-01",
      mainModule: "tiny.js",
      modules: { "tiny.js": source },
      globalOutbound: null,
    }));
    return worker.getEntrypoint().fetch(request);
  },
};
