import { join } from "node:path";
import { build, type BuildOptions } from "esbuild";
import { TempFile } from "../disk/atomic-file.ts";
import { sha256 } from "../disk/digest.ts";
import { Folder, makeFolders } from "../disk/folder.ts";

const DIST = join(import.meta.dirname, "../dist");

/** All that a program loads as one text that Node 20 and later run with nothing beside it. */
export async function bundle(
  options: Pick<BuildOptions, "entryPoints" | "format" | "plugins">,
): Promise<string> {
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

/** Puts a program into `dist`, with its digest beside it, and says so. */
export async function publishProgram(name: string, text: string): Promise<void> {
  const contents = Buffer.from(text);
  const digest = sha256(contents);
  await makeFolders(DIST);
  await publish(name, contents, 0o755);
  await publish(`${name}.sha256`, Buffer.from(`${digest}  ${name}\n`), 0o644);
  console.log(`dist/${name}  ${Math.round(contents.length / 1000)} kB  sha256 ${digest.slice(0, 12)}…`);
}

/** Puts a file in place in one step: somebody may start the one that is there at any moment. */
async function publish(name: string, data: Uint8Array, mode: number): Promise<void> {
  await using folder = await Folder.open(DIST);
  await using file = await TempFile.create(folder);
  await file.write(data);
  await file.handle.chmod(mode);
  await file.finish();
  await file.moveTo(name);
}
