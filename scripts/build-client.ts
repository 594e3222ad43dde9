import { createHash } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "..");
const OUT = join(ROOT, "dist/memory-sync.mjs");

/**
 * Bundles the client into one file that runs on Node 20 and later with nothing beside it. Parts that are imported
 * dynamically stay dormant inside the file until they are asked for, so a hook does not pay for the rest.
 */
await mkdir(join(ROOT, "dist"), { recursive: true });
await build({
  entryPoints: [join(ROOT, "client/main.ts")],
  outfile: OUT,
  bundle: true,
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
await chmod(OUT, 0o755);

const bytes = await readFile(OUT);
const digest = createHash("sha256").update(bytes).digest("hex");
await writeFile(`${OUT}.sha256`, `${digest}  memory-sync.mjs\n`);
console.log(`dist/memory-sync.mjs  ${Math.round(bytes.length / 1000)} kB  sha256 ${digest.slice(0, 12)}…`);
