import { chmod, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../client/config.ts";
import { isExposed, keepExported, keepWriteToken, readCredentials } from "../../client/credentials.ts";
import { environmentOf, expandHome } from "../../client/home/home.ts";
import { tempFolder } from "../support/temp-folder.ts";

async function homeFixture(env: Record<string, string> = {}) {
  const folder = await tempFolder();
  const environment = { ...environmentOf({ ...env, MEMORY_SYNC_HOME: folder.path }), hostname: "Büro.local" };
  return {
    folder: folder.path,
    environment,
    home: environment.home,
    write: (name: string, content: unknown) =>
      writeFile(join(folder.path, name), typeof content === "string" ? content : JSON.stringify(content)),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

describe("readConfig", () => {
  it("redacts when the file says so", async () => {
    await using fixture = await homeFixture();
    await fixture.write("config.json", { redact: true });

    expect(await readConfig(fixture.environment)).toMatchObject({ redact: true });
  });

  it("has defaults for everything but the tokens", async () => {
    await using fixture = await homeFixture();

    expect(await readConfig(fixture.environment)).toEqual({
      url: "http://127.0.0.1:8000",
      urlFrom: "default",
      machine: "büro",
      redact: false,
      aiToken: undefined,
      syncToken: undefined,
    });
  });

  it("takes a flag before the environment, that before the files", async () => {
    await using fixture = await homeFixture({
      MCP_MEMORY_URL: "https://env.test/mcp",
      SYNC_TOKEN: "from-env",
    });
    await fixture.write("config.json", { url: "https://file.test", machine: "Laptop One" });
    await fixture.write("credentials.json", { ai_token: "ai-file", sync_token: "sync-file" });

    const plain = await readConfig(fixture.environment);
    const flagged = await readConfig(fixture.environment, { url: "http://flag.test:81/x/mcp/" });

    expect(plain).toMatchObject({
      url: "https://env.test",
      urlFrom: "environment",
      machine: "laptop-one",
      syncToken: { secret: "from-env", from: "environment" },
    });
    expect(flagged).toMatchObject({
      url: "http://flag.test:81/x",
      urlFrom: "flag",
      aiToken: { secret: "ai-file", from: "config" },
    });
  });

  it("counts an empty environment variable as none", async () => {
    await using fixture = await homeFixture({ SYNC_TOKEN: "", MCP_MEMORY_URL: " " });
    await fixture.write("credentials.json", { sync_token: "sync-file" });

    expect(await readConfig(fixture.environment)).toMatchObject({
      urlFrom: "default",
      syncToken: { secret: "sync-file" },
    });
  });

  it("takes a token that was exported from the credentials for a copy of them, and one that somebody set for his wish", async () => {
    await using fixture = await homeFixture({ MCP_MEMORY_TOKEN: " exported " });
    const wished = { ...fixture.environment, env: { MCP_MEMORY_TOKEN: "wished" } };
    await fixture.write("credentials.json", { ai_token: "joined" });
    await keepExported(fixture.home, ["exported", "exported"]);

    const [copy, set] = [await readConfig(fixture.environment), await readConfig(wished)];
    await fixture.write("credentials.json", {
      exported_tokens: (await readCredentials(fixture.home)).exported_tokens,
    });
    const alone = await readConfig(fixture.environment);

    expect(copy).toMatchObject({
      aiToken: { secret: "joined", place: "credentials.json" },
      passedOver: "MCP_MEMORY_TOKEN",
    });
    expect(set).toMatchObject({ aiToken: { secret: "wished", from: "environment" } });
    expect(set.passedOver).toBeUndefined();
    expect(alone).toMatchObject({ aiToken: { secret: "exported", from: "environment" } });
  });

  it("shows the tokens that are kept for one server to no other one that the environment names", async () => {
    const env = { MCP_MEMORY_URL: "https://evil.test/mcp", MCP_MEMORY_TOKEN: "exported" };
    await using fixture = await homeFixture(env);
    await fixture.write("config.json", { url: "https://good.test/mcp" });
    await fixture.write("credentials.json", { ai_token: "exported", sync_token: "kept" });
    await keepExported(fixture.home, ["exported"]);
    const withEnv = (more: Record<string, string>) =>
      readConfig({ ...fixture.environment, env: { ...env, ...more } });

    const elsewhere = await readConfig(fixture.environment);
    const given = await withEnv({ SYNC_TOKEN: "own" });
    const same = await withEnv({ MCP_MEMORY_URL: "https://good.test/" });

    expect(elsewhere).toMatchObject({ url: "https://evil.test", storedFor: "https://good.test" });
    expect([elsewhere.aiToken, elsewhere.syncToken]).toEqual([undefined, undefined]);
    expect(given).toMatchObject({ aiToken: undefined, syncToken: { secret: "own" } });
    expect(same).toMatchObject({ aiToken: { secret: "exported" }, syncToken: { secret: "kept" } });
  });

  it("takes a token from a file, for both roles", async () => {
    await using fixture = await homeFixture({ SYNC_TOKEN: "from-env" });
    await fixture.write("token", "fmsy_abcdef\n");

    const config = await readConfig(fixture.environment, { tokenFile: join(fixture.folder, "token") });

    expect(config).toMatchObject({
      aiToken: { secret: "fmsy_abcdef", from: "flag" },
      syncToken: { secret: "fmsy_abcdef", from: "flag" },
    });
  });

  it.each([
    [
      "an unknown key",
      { config: '{"urll":"http://x"}' },
      'config.json: unknown key "urll"',
      'Did you mean "url"?',
    ],
    ["broken JSON", { config: "{" }, "config.json: not valid JSON", "JSON"],
    [
      "another protocol",
      { config: '{"url":"ftp://x"}' },
      "not an http or https address",
      "http://127.0.0.1:8000/mcp",
    ],
    ["a password in the url", { config: '{"url":"http://u:p@x"}' }, "user name or password", "SYNC_TOKEN"],
  ])("explains %s", async (_, { config }, message, hint) => {
    await using fixture = await homeFixture();
    await fixture.write("config.json", config);

    await expect(readConfig(fixture.environment)).rejects.toMatchObject({
      code: "invalid_input",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });
});

describe("credentials", () => {
  it("keeps write tokens beside what is there, readable by the owner only", async () => {
    await using fixture = await homeFixture();
    await fixture.write("credentials.json", { sync_token: "s", write_tokens: { a: "1" }, later: true });
    await chmod(fixture.home.credentials, 0o644);
    const exposedBefore = await isExposed(fixture.home);

    await keepWriteToken(fixture.home, "b", "2");

    expect(exposedBefore).toBe(true);
    expect(JSON.parse(await readFile(fixture.home.credentials, "utf8"))).toEqual({
      sync_token: "s",
      write_tokens: { a: "1", b: "2" },
      later: true,
    });
    expect((await stat(fixture.home.credentials)).mode & 0o777).toBe(0o600);
  });

  it("loses none of many tokens kept at once", async () => {
    await using fixture = await homeFixture();
    const ids = Array.from({ length: 8 }, (_, index) => `w-${index}`);

    await Promise.all(ids.map((id) => keepWriteToken(fixture.home, id, `token of ${id}`)));

    expect(Object.keys((await readCredentials(fixture.home)).write_tokens).sort()).toEqual(ids);
  });

  it("O4: never writes over a file it cannot understand", async () => {
    await using fixture = await homeFixture();
    await fixture.write("credentials.json", '{"write_tokens":');

    await expect(keepWriteToken(fixture.home, "b", "2")).rejects.toMatchObject({ code: "damaged" });

    expect(await readFile(fixture.home.credentials, "utf8")).toBe('{"write_tokens":');
  });
});

describe("expandHome", () => {
  it.each([
    ["~", "/home/me"],
    ["~/notes", "/home/me/notes"],
    ["/etc/x", "/etc/x"],
    ["~other/x", join(process.cwd(), "~other/x")],
  ])("%s", (path, expanded) => {
    expect(expandHome(path, "/home/me")).toBe(expanded);
  });
});
