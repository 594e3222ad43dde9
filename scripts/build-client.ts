import { join } from "node:path";
import type { Plugin } from "esbuild";
import { bundle, publishProgram } from "./bundle.ts";
import { DEFERRED } from "./deferred-cli.ts";

const ROOT = join(import.meta.dirname, "..");

/** What the hook's part begins with: ES modules have no `require`. */
const HEAD = `#!/usr/bin/env node
import{createRequire}from"node:module";const require=createRequire(import.meta.url);
`;

/** Node's own modules by `require`: an `import` of one touches all that is in it, and so loads several more. */
const required: Plugin = {
  name: "required",
  setup(bundler) {
    bundler.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
      kind === "require-call" ? { path, external: true } : { path, namespace: "required" },
    );
    bundler.onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(path)});`,
    }));
  },
};

/** Puts what loads the commands later in the place of the commands. */
const deferredCli: Plugin = {
  name: "deferred-cli",
  setup(bundler) {
    bundler.onResolve({ filter: /^\.\/cli\.ts$/ }, () => ({
      path: join(import.meta.dirname, "deferred-cli.ts"),
    }));
  },
};

/**
 * Bundles the client into one file that runs on Node 20 and later with nothing beside it. What a hook needs stands at
 * the beginning; everything else stands in a comment until a command needs it, so that a hook does not pay for it.
 */
const hook = await bundle({
  entryPoints: [join(ROOT, "client/main.ts")],
  format: "esm",
  plugins: [deferredCli, required],
});
const cli = await bundle({ entryPoints: [join(ROOT, "client/cli.ts")], format: "cjs" });
if (cli.includes(DEFERRED.standIn)) throw new Error("the stand-in for the end of a comment is in the code");
const deferred = `${DEFERRED.from}${cli.replaceAll(DEFERRED.end, DEFERRED.standIn)}${DEFERRED.to}`;
await publishProgram("memory-sync.mjs", `${HEAD}${hook}${deferred}`);
