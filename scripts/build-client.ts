import { join } from "node:path";
import { build } from "esbuild";
import { TempFile } from "../disk/atomic-file.ts";
import { sha256 } from "../disk/digest.ts";
import { Folder, makeFolders } from "../disk/folder.ts";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const NAME = "memory-sync.mjs";

/**
 * Bundles the client into one file that runs on Node 20 and later with nothing beside it. Parts that are imported
 * dynamically stay dormant inside the file until they are asked for, so a hook does not pay for the rest.
 */
const { outputFiles } = await build({
  entryPoints: [join(ROOT, "client/main.ts")],
  outfile: join(DIST, NAME),
  bundle: true,
  write: false,
  platform: "node",
  format: "esm",
  target: "node20",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "inline",
  charset: "utf8",
  banner: { js: "#!/usr/bin/env node" },
  logLevel: "warning",
});
const [{ contents } = { contents: new Uint8Array() }] = outputFiles;
const digest = sha256(contents);

await makeFolders(DIST);
await publish(NAME, contents, 0o755);
await publish(`${NAME}.sha256`, Buffer.from(`${digest}  ${NAME}\n`), 0o644);
console.log(`dist/${NAME}  ${Math.round(contents.length / 1000)} kB  sha256 ${digest.slice(0, 12)}…`);

/** Puts a file in place in one step: a hook may start the one that is there at any moment. */
async function publish(name: string, data: Uint8Array, mode: number): Promise<void> {
  await using folder = await Folder.open(DIST);
  await using file = await TempFile.create(folder);
  await file.write(data);
  await file.handle.chmod(mode);
  await file.finish();
  await file.moveTo(name);
}
