import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };
import { ConfigError, readConfig } from "../../server/config.ts";
import { childEnv } from "../support/child-env.ts";
import { isSeen, stagesOf, type Instruction } from "../support/dockerfile.ts";
import { freePort } from "../support/installed-server.ts";
import { portOf } from "../support/nginx.ts";
import { finished, runProgram } from "../support/run-program.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const ROOT = join(import.meta.dirname, "../..");
const DOCKER = join(ROOT, "deploy/docker");
const HEALTHY = join(DOCKER, "healthy.mjs");

describe("the Dockerfile", () => {
  let stages: Instruction[][];
  const image = (name: string) => stages.at(-1)?.find((instruction) => instruction.name === name)?.rest ?? "";
  const environment = () =>
    Object.fromEntries(
      [...image("ENV").matchAll(/(\w+)=(\S+)/g)].map(([, name = "", value]) => [name, value]),
    );

  beforeAll(async () => {
    stages = stagesOf(await readFile(join(DOCKER, "Dockerfile"), "utf8"));
  });

  it("takes the official image of the Node that we need", () => {
    const needed = /\d+/.exec(manifest.engines.node)?.[0];

    const bases = stages.map(([from]) => from?.rest.split(" ")[0]);

    expect(bases).toEqual([`node:${needed}-bookworm-slim`, `node:${needed}-bookworm-slim`]);
  });

  it("ends as an account without rights, and starts a program that gets the signals itself", () => {
    const words = z.array(z.string()).parse(JSON.parse(image("ENTRYPOINT")));
    const check = z.array(z.string()).parse(JSON.parse(image("HEALTHCHECK").split(" CMD ")[1] ?? ""));

    expect(image("USER")).toBe("10001:10001");
    expect(image("STOPSIGNAL")).toBe("SIGTERM");
    expect([words, check].map(([program]) => program)).toEqual(["node", "node"]);
    for (const [, path = ""] of [words, check]) expect(existsSync(path.replace(/^\/app/, ROOT))).toBe(true);
  });

  it("sets what makes the server reachable, below the volume, and leaves the rest to its owner", () => {
    const given = { ...environment(), MCP_TOKEN: AI_TOKEN };

    const config = readConfig({ dev: false }, { ...given, PUBLIC_URL: "https://memory.example" });

    expect(config).toMatchObject({
      host: "0.0.0.0",
      port: Number(image("EXPOSE")),
      memoryRoot: "/data/memory",
    });
    expect(JSON.parse(image("VOLUME"))).toEqual(["/data", "/backups"]);
    expect(() => readConfig({ dev: false }, given)).toThrow(ConfigError);
  });

  it("is built from sources alone: no data, no token, no package of this machine", async () => {
    const ignore = await readFile(join(ROOT, ".dockerignore"), "utf8");
    const needed = [
      "package-lock.json",
      "server/main.ts",
      "memory-tool/names.ts",
      "client/install.sh",
      "proxy/main.ts",
      "scripts/build-client.ts",
      "scripts/build-proxy.ts",
      "scripts/bundle.ts",
    ];
    const kept = [
      ".git/config",
      "data/a",
      ".env",
      "deploy/docker/.env",
      "server/.env.local",
      "node_modules/a",
    ];

    const seen = [...needed, ...kept, "client/node_modules/a/b.js"].filter((path) => isSeen(ignore, path));

    expect(seen).toEqual(needed);
  });
});

describe("the trial start in the build of the image", () => {
  it("passes a server that gets ready and stops in order", async () => {
    const port = String(await freePort());

    const { code, stdout } = await tryImage(port);

    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining("/readyz") });
  });

  it("fails with a server that does not start, and says why", async () => {
    const { code, stderr } = await tryImage("none");

    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining("PORT: not a whole") });
  });

  it("is not deceived by another server that answers", async () => {
    await using folder = await tempFolder();
    await using other = await ServerProcess.start(folder.path);

    const { code } = await tryImage(new URL(other.url).port);

    expect(code).not.toBe(0);
  });
});

describe("the health check", () => {
  it("holds while the server is ready, and no longer", async () => {
    await using folder = await tempFolder();
    await using server = await ServerProcess.start(folder.path);
    const { port } = new URL(server.url);

    const running = await runProgram([HEALTHY], { PORT: port });
    await server.stop("SIGTERM");
    const stopped = await runProgram([HEALTHY], { PORT: port });

    expect([running, stopped]).toMatchObject([
      { code: 0, stdout: "", stderr: "" },
      { code: 1, stderr: "" },
    ]);
  });

  it("fails for a server that answers, but is not ready", async () => {
    const server = createServer((_, response) => response.writeHead(503).end()).listen(0, "127.0.0.1");
    await once(server, "listening");

    const { code } = await runProgram([HEALTHY], { PORT: String(portOf(server.address())) });
    server.close();

    expect(code).toBe(1);
  });
});

function tryImage(port: string) {
  const env = childEnv({ PORT: port, SYNC_TOKEN });
  return finished(spawn(join(DOCKER, "try.sh"), { env, stdio: "pipe" }));
}
