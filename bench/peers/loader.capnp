using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "main", worker = (
    modules = [
      (name = "loader.js", esModule = embed "loader.js"),
      (name = "tiny.txt", text = embed "tiny.js"),
    ],
    bindings = [(name = "LOADER", workerLoader = ())],
    compatibilityDate = "2026-11-01",
    compatibilityFlags = ["experimental"],
  ))],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
