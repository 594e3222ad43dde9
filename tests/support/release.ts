import { spawn } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "./run-program.ts";

const ROOT = join(import.meta.dirname, "../..");
const SOURCES = [
  "contract",
  "disk",
  "memory-tool",
  "server",
  "server_content",
  "deploy",
  "client/install.sh",
  "client/install.ps1",
];

/** A server that is ready at once and does nothing, for tests of what is put around it. */
export const IDLE_SERVER = `import { createServer } from "node:http";
const server = createServer((_request, response) => response.end("{}"));
server.listen(Number(process.env.PORT), "127.0.0.1", () => {
  console.log(JSON.stringify({ url: "http://127.0.0.1:" + server.address().port, msg: "listening" }));
});
`;

interface ReleaseOptions {
  version: string;
  /** What its server does in the place of serving, once it is started for good and not only tried: statements. */
  broken?: string;
  /** What its server does whenever it is started, in the place of all that ours does: statements. */
  main?: string;
}

/** Makes a release as deploy/release.sh does, but with the packages and the Node of this repository; its path is answered. */
export async function makeRelease(folder: string, options: ReleaseOptions): Promise<string> {
  const name = `federated-memory-${options.version}-linux-test`;
  const release = join(folder, name);
  await mkdir(join(release, "bin"), { recursive: true });
  await mkdir(join(release, "client"));
  for (const source of SOURCES) await cp(join(ROOT, source), join(release, source), { recursive: true });
  await linkPackages(join(release, "node_modules"));
  await symlink(process.execPath, join(release, "bin/node"));
  const manifest = await readFile(join(ROOT, "package.json"), "utf8");
  await writeFile(
    join(release, "package.json"),
    manifest.replace(/"version": ".*"/, `"version": "${options.version}"`),
  );
  await breakServer(release, options);
  return pack(folder, name);
}

/** Each package for itself, so that what Node keeps compiled goes into the release's own folder. */
async function linkPackages(folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of await readdir(join(ROOT, "node_modules")))
    if (!name.startsWith(".")) await symlink(join(ROOT, "node_modules", name), join(folder, name));
}

/** A release is tried on port 0; the installed server has a port of its own. */
async function breakServer(release: string, { broken, main: statements }: ReleaseOptions): Promise<void> {
  const main = join(release, "server/main.ts");
  if (statements !== undefined) await writeFile(main, statements);
  if (broken === undefined) return;
  await rename(main, join(release, "server/sound-main.ts"));
  await writeFile(
    main,
    `if (process.env["PORT"] === "0") await import("./sound-main.ts");\nelse {\n${broken}\n}\n`,
  );
}

async function pack(folder: string, name: string): Promise<string> {
  const archive = join(folder, `${name}.tar.gz`);
  const packed = await finished(spawn("tar", ["-czf", archive, "-C", folder, name], { stdio: "pipe" }));
  if (packed.code !== 0) throw new Error(`tar: ${packed.stderr}`);
  return archive;
}
