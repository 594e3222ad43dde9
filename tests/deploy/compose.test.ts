import { spawn } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { LIMITS } from "../../contract/limits.ts";
import manifest from "../../package.json" with { type: "json" };
import { childEnv } from "../support/child-env.ts";
import { finished } from "../support/run-program.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { tool } from "../support/tool.ts";

const ROOT = join(import.meta.dirname, "../..");
const DOCKER = join(ROOT, "deploy/docker");
const COMPOSE = tool("docker-compose", "docker-compose");
const CADDY = tool("caddy", "caddy");

const Service = z.looseObject({
  image: z.string(),
  ports: z.array(z.string()),
  volumes: z.array(z.string()),
  stop_grace_period: z.string().optional(),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.null()),
});

describe("compose.yaml", () => {
  it("opens the server to this machine alone, and Caddy to all", async () => {
    const { server, caddy } = (await composeFile()).services;

    expect(server?.ports).toEqual(["127.0.0.1:8000:8000"]);
    expect(caddy).toMatchObject({ ports: ["80:80", "7443:7443"], profiles: ["caddy"] });
  });

  it("leaves no service a right that it does not need, and none to write but into volumes", async () => {
    const { services } = await composeFile();

    for (const service of Object.values(services))
      expect(service).toMatchObject({
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        mem_limit: expect.stringMatching(/^\d+[mg]$/),
        pids_limit: 256,
      });
    expect(services["server"]).not.toHaveProperty("cap_add");
  });

  it("keeps data and backups in volumes of their own, and gives the server time to end", async () => {
    const { services, volumes } = await composeFile();
    const { server } = services;

    expect(server?.volumes).toEqual(["data:/data", "backups:/backups"]);
    expect(Object.keys(volumes)).toEqual(expect.arrayContaining(["data", "backups"]));
    expect(server?.image).toBe(`federated-memory:${manifest.version}`);
    expect(Number.parseInt(server?.stop_grace_period ?? "", 10) * 1000).toBeGreaterThan(LIMITS.http.drainMs);
  });

  it("is told only what the server knows", async () => {
    const example = await readFile(join(DOCKER, "env.example"), "utf8");
    const spec = await readFile(join(ROOT, "SPEC.md"), "utf8");

    const names = [...example.matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name = ""]) => name);

    expect(names).toEqual(["MCP_TOKEN", "SYNC_TOKEN", "COMPOSE_PROJECT_NAME", "PUBLIC_URL", "TRUST_PROXY"]);
    for (const name of names.filter((each) => !each.startsWith("COMPOSE_")))
      expect(spec).toContain(`| \`${name}\` |`);
  });
});

describe.skipIf(COMPOSE === undefined)("docker-compose", () => {
  it.each(["server alone", "caddy"])("takes the file: %s", async (profile) => {
    const { code, stderr } = await composed({ profile });

    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  it("convicts a misspelt option", async () => {
    const { code, stderr } = await composed({ change: (text) => text.replace("cap_drop", "cap_dropped") });

    expect(code).not.toBe(0);
    expect(stderr).toContain("cap_dropped");
  });
});

describe.skipIf(CADDY === undefined)("Caddy", () => {
  it("takes the Caddyfile of the container", async () => {
    const text = await readFile(join(DOCKER, "Caddyfile"), "utf8");

    const { code, stdout } = await adapted(text, { PUBLIC_URL: "https://memory.example:7443" });

    expect(code).toBe(0);
    expect(stdout).toContain('"listen":[":7443"]');
    expect(stdout).toContain('"dial":"server:8000"');
  });

  it("takes the Caddyfile of docs/deploy.md", async () => {
    const text = await readFile(join(ROOT, "docs/deploy.md"), "utf8");
    const [, block = ""] = /\n```\n(memory\.example[^]*?)```/.exec(text) ?? [];

    const { code, stdout } = await adapted(block);

    expect(code).toBe(0);
    expect(stdout).toContain('"dial":"127.0.0.1:8000"');
  });

  it("convicts an unknown directive", async () => {
    const { code } = await adapted("memory.example {\n\treverse_proxies server:8000\n}\n");

    expect(code).not.toBe(0);
  });
});

async function composeFile() {
  return Compose.parse(parse(await readFile(join(DOCKER, "compose.yaml"), "utf8")));
}

/** `docker-compose config -q` on the files as a user has them: with an .env. */
async function composed({ profile = "caddy", change = (text: string) => text }) {
  await using folder = await tempFolder();
  const at = join(folder.path, "docker");
  await cp(DOCKER, at, { recursive: true, filter: (path) => !path.endsWith(".env") });
  await cp(join(DOCKER, "env.example"), join(at, ".env"));
  await writeFile(join(at, "compose.yaml"), change(await readFile(join(at, "compose.yaml"), "utf8")));
  const args = ["--profile", profile, "-f", join(at, "compose.yaml"), "config", "-q"];
  return await finished(spawn(COMPOSE ?? "", args, { cwd: at, env: childEnv(), stdio: "pipe" }));
}

/** What Caddy makes of a Caddyfile. */
async function adapted(text: string, env: Record<string, string> = {}) {
  await using folder = await tempFolder();
  const path = join(folder.path, "Caddyfile");
  await writeFile(path, text);
  const args = ["adapt", "--adapter", "caddyfile", "--config", path];
  return await finished(
    spawn(CADDY ?? "", args, { env: childEnv({ HOME: folder.path, ...env }), stdio: "pipe" }),
  );
}
