import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { TempFile } from "../disk/atomic-file.ts";
import { sha256 } from "../disk/digest.ts";
import { Folder, makeFolders } from "../disk/folder.ts";
import { DEFERRED } from "./deferred-cli.ts";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const NAME = "memory-sync.mjs";

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
const contents = Buffer.from(`${HEAD}${hook}${deferred}`);
const digest = sha256(contents);

await makeFolders(DIST);
await publish(NAME, contents, 0o755);
await publish(`${NAME}.sha256`, Buffer.from(`${digest}  ${NAME}\n`), 0o644);
console.log(`dist/${NAME}  ${Math.round(contents.length / 1000)} kB  sha256 ${digest.slice(0, 12)}…`);

async function bundle(options: Pick<BuildOptions, "entryPoints" | "format" | "plugins">): Promise<string> {
  const { outputFiles } = await build({
    ...options,
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: "inline",
    charset: "utf8",
    logLevel: "warning",
  });
  return outputFiles.map(({ text }) => text).join("");
}

/** Puts a file in place in one step: a hook may start the one that is there at any moment. */
async function publish(name: string, data: Uint8Array, mode: number): Promise<void> {
  await using folder = await Folder.open(DIST);
  await using file = await TempFile.create(folder);
  await file.write(data);
  await file.handle.chmod(mode);
  await file.finish();
  await file.moveTo(name);
}
