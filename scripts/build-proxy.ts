import { join } from "node:path";
import { bundle, publishProgram } from "./bundle.ts";

/** Bundles the proxy into one file that runs on Node 20 and later with nothing beside it. */
const program = await bundle({
  entryPoints: [join(import.meta.dirname, "../proxy/main.ts")],
  format: "esm",
});
await publishProgram("memory-proxy.mjs", `#!/usr/bin/env node\n${program}`);
