"use strict";
// What a Lambda runtime is to the package, for plain Node: starts one test, and writes its answer to descriptor 3.
const fs = require("node:fs");
const [folder, event] = process.argv.splice(2, 2);
process.chdir(folder);
require(`${folder}/index.cjs`).start(JSON.parse(event), (answer) => {
  fs.writeSync(3, JSON.stringify(answer));
  process.exit(0);
});
