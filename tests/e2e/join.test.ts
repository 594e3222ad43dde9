import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { Joined, MadeJoin, WhoAmI } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { buildBundle } from "../support/memory-sync.ts";
import { runProgram } from "../support/run-program.ts";
import { HttpEdge } from "../support/http-edge.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const MAIN = join(import.meta.dirname, "../../server/main.ts");
const JSON_TYPE = { "content-type": "application/json" };

async function asAdmin(server: TestServer, method: string, path: string, body?: unknown): Promise<Response> {
  const local = await readLocalAdmin(server.root);
  return server.api(`admin/${path}`, {
    method,
    token: local?.token ?? "",
    headers: JSON_TYPE,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function made(server: TestServer, wish: Record<string, unknown>): Promise<MadeJoin> {
  return MadeJoin.parse(await (await asAdmin(server, "POST", "joins", wish)).json());
}

const redeem = (server: TestServer, code: string) => server.api("join", { method: "POST", token: code });

describe("joining", () => {
  it("exchanges a code for tokens that read everything and write to the machine's own workspaces", async () => {
    await using server = await startServer();
    const { id } = await server.register({ machine: "desktop", tool: "codex", project: "shop" });
    const { code } = await made(server, { machine: "My Laptop", expires: "90d" });

    const joined = Joined.parse(await (await redeem(server, code)).json());
    const who = WhoAmI.parse(await (await server.api("whoami", { token: joined.ai.secret })).json());
    const register = (machine: string, token: string) =>
      server.api("workspaces", {
        method: "POST",
        token,
        headers: JSON_TYPE,
        body: JSON.stringify({ machine, tool: "codex", project: "shop" }),
      });

    expect(joined).toMatchObject({ machine: "my-laptop", url: server.url, expires_at: expect.any(String) });
    expect(who).toMatchObject({ role: "ai", workspaces: ["*"], writes: ["my-laptop-*"] });
    expect((await server.api(`workspaces/${id}`, { token: joined.ai.secret })).status).toBe(200);
    expect((await server.api(`workspaces/${id}`, { token: joined.sync.secret })).status).toBe(403);
    for (const { secret } of [joined.ai, joined.sync]) {
      expect((await register("my laptop", secret)).ok).toBe(true);
      expect((await register("desktop", secret)).status).toBe(403);
    }
  });

  it("gives tokens that cannot write for a machine whose name begins with theirs, however that one came", async () => {
    await using server = await startServer();
    const { code } = await made(server, { machine: "studio" });
    const joined = Joined.parse(await (await redeem(server, code)).json());
    const other = await server.register({ machine: "studio-2", tool: "codex", project: "bank" });
    const register = (machine: string, token: string) =>
      server.api("workspaces", {
        method: "POST",
        token,
        headers: JSON_TYPE,
        body: JSON.stringify({ machine, tool: "codex", project: "bank" }),
      });

    const bound = await register("studio-2", joined.ai.secret);
    const squat = await register("studio-3", joined.sync.secret);
    const upload = await server.api(`workspaces/${other.id}/knowledge/a.md`, {
      method: "PUT",
      token: joined.sync.secret,
      headers: { "content-type": "text/markdown", "x-workspace-token": other.writeToken },
      body: "# stolen\n",
    });
    const own = await register("studio", joined.sync.secret);

    expect([bound, squat, upload].map(({ status }) => status)).toEqual([403, 403, 403]);
    expect(own.status).toBe(201);
  });

  it("answers one of twenty at once; the others learn nothing", async () => {
    await using server = await startServer({ rate: { failuresPerMinute: 100 } });
    const { code } = await made(server, { machine: "laptop" });

    const answers = await Promise.all(Array.from({ length: 20 }, () => redeem(server, code)));

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      200,
      ...Array.from({ length: 19 }, () => 401),
    ]);
  });

  it("refuses wrong, used, revoked and missing codes in the same words, and counts them as failed authentications", async () => {
    await using server = await startServer();
    const used = await made(server, { machine: "laptop" });
    const revoked = await made(server, { machine: "laptop" });
    await redeem(server, used.code);
    await asAdmin(server, "DELETE", `joins/${revoked.entry.id}`);

    const wrong = [used.code, revoked.code, `fmjo_${"a".repeat(26)}`, server.tokens.ai];
    const answers = await Promise.all(wrong.map((code) => redeem(server, code)));
    const texts = await Promise.all(answers.map(async (answer) => without(await answer.text())));
    const more = [];
    for (let tries = 0; tries < 10; tries++) more.push((await redeem(server, "fmjo_wrong")).status);

    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect(new Set(texts).size).toBe(1);
    expect(more.at(-1)).toBe(429);
    expect((await server.api("whoami", { token: used.code })).status).toBe(429);
  });

  it("keeps a code for another machine than the one that asks, and takes it from a machine without a name", async () => {
    await using server = await startServer();
    const { code } = await made(server, { machine: "Desk" });
    const redeemAs = (machine: string) =>
      server.api(`join?machine=${machine}`, { method: "POST", token: code });

    const refused = await redeemAs("laptop");
    const said = await refused.text();
    const wrong = await server.api("join?machine=laptop", { method: "POST", token: `${code}x` });
    const taken = await redeemAs("desk");

    expect([refused.status, wrong.status, taken.status]).toEqual([409, 401, 200]);
    expect(said).toContain("for the machine desk, and this one is laptop");
    expect(said).not.toContain(code);
  });

  it("tells the log who failed, and nothing of what was exchanged", async () => {
    const code = `fmjo_${"a".repeat(26)}`;
    const tokens = {
      machine: "laptop",
      ai: { id: "a", secret: "SECRET-A" },
      sync: { id: "b", secret: "SECRET-B" },
    };
    await using edge = await HttpEdge.start({
      redeem: async (given) => (given.code === code ? tokens : undefined),
    });
    const ask = (bearer: string) =>
      edge.ask("/api/v1/join", { method: "POST", headers: { authorization: `Bearer ${bearer}` } });

    const answers = [await ask(code), await ask(`${code.slice(0, -1)}b`)];

    expect(answers.map(({ status }) => status)).toEqual([200, 401]);
    expect(answers[0]?.headers["cache-control"]).toBe("no-store");
    expect(edge.log).toContainEqual(
      expect.objectContaining({ event: "auth_failure", address: "127.0.0.1", route: "/api/v1/join" }),
    );
    expect(edge.logLines.join("")).not.toMatch(/SECRET|fmjo_/);
  });

  it("takes nothing but POST, and no code from the body", async () => {
    await using server = await startServer();
    const { code } = await made(server, { machine: "laptop" });

    const got = await server.api("join", { token: code });
    const inBody = await fetch(`${server.url}/api/v1/join`, {
      method: "POST",
      body: JSON.stringify({ code }),
      headers: JSON_TYPE,
    });

    expect(got.status).toBe(405);
    expect(inBody.status).toBe(401);
    expect((await redeem(server, code)).status).toBe(200);
  });

  it("refuses a machine whose pattern covers another's, or is covered", async () => {
    await using server = await startServer();
    await server.register({ machine: "laptop 2", tool: "codex", project: "x" });
    await redeem(server, (await made(server, { machine: "studio" })).code);

    const answers = [];
    for (const machine of ["laptop", "laptop-2-b", "studio-mac", "laptop-2", "studio", "laptops"])
      answers.push((await asAdmin(server, "POST", "joins", { machine })).status);

    expect(answers).toEqual([409, 409, 409, 201, 201, 201]);
  });

  it("makes one of two codes that are asked for at once for machines that cannot be told apart", async () => {
    await using server = await startServer();

    const answers = await Promise.all(
      ["desk", "desk-2", "desk-2-b"].map((machine) => asAdmin(server, "POST", "joins", { machine })),
    );

    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  });

  it("knows a machine by what its tokens were made for, whatever they or others are named", async () => {
    await using folder = await tempFolder();
    {
      await using server = await startServer({ root: folder.path });
      await asAdmin(server, "POST", "tokens", { name: "desk (join)", role: "ai" });
      await redeem(server, (await made(server, { machine: "studio" })).code);
    }
    await using restarted = await startServer({ root: folder.path });

    const named = await asAdmin(restarted, "POST", "joins", { machine: "desk-2" });
    const joined = await asAdmin(restarted, "POST", "joins", { machine: "studio-2" });

    expect([named.status, joined.status]).toEqual([201, 409]);
  });
});

describe("federated-memory join", () => {
  // What it prints fetches the client, which must be there.
  beforeAll(buildBundle);

  it("prints what the machine's owner pastes, and nothing else; the code of a stopped server works once it runs", async () => {
    await using folder = await tempFolder();
    await (await startServer({ root: folder.path }))[Symbol.asyncDispose]();
    const args = [MAIN, "join", "--machine", "laptop"];

    const unknown = await runProgram(args, { MEMORY_ROOT: folder.path });
    const { code, stdout, stderr } = await runProgram(args, {
      MEMORY_ROOT: folder.path,
      PUBLIC_URL: "https://memory.example/",
    });
    const secret = /--join (fmjo_\w+)/.exec(stdout)?.[1] ?? "";
    await using server = await startServer({ root: folder.path });
    const joined = await redeem(server, secret);

    expect(unknown).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("--url") });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout.replaceAll(secret, "CODE").replace(/\d{4}-.*Z/, "TIME")).toBe(
      `bash:
  curl -fsSL https://memory.example/install.sh | bash -s -- --join CODE
PowerShell:
  & ([scriptblock]::Create((irm https://memory.example/install.ps1))) -Join CODE
valid until TIME\n`,
    );
    expect(joined.status).toBe(200);
  });

  it("goes through the running server, says that loopback is for this machine only, lists and revokes", async () => {
    await using server = await startServer();
    const env = { MEMORY_ROOT: server.root };

    const { stdout, stderr } = await runProgram([MAIN, "join", "--machine", "laptop", "--json"], env);
    const entry: unknown = JSON.parse(stdout);
    const listed = await runProgram([MAIN, "join", "list"], env);
    const id = /join_\w+/.exec(listed.stdout)?.[0] ?? "";
    const revoked = await runProgram([MAIN, "join", "revoke", id], env);
    const empty = await runProgram([MAIN, "join", "list"], env);

    expect(entry).toMatchObject({ id, machine: "laptop", read: ["*"], url: server.url });
    expect(stderr).toContain("others cannot use it");
    expect(listed.stdout).not.toContain("fmjo_");
    expect(revoked.stdout).toContain(`Revoked ${id} (laptop)`);
    expect(empty.stdout).toBe("No join codes.\n");
  });

  it("says of a machine that joined before which of its tokens stay valid, and how they end", async () => {
    await using server = await startServer();
    const env = { MEMORY_ROOT: server.root };
    const { ai, sync } = Joined.parse(
      await (await redeem(server, (await made(server, { machine: "laptop" })).code)).json(),
    );
    await asAdmin(server, "DELETE", `tokens/${sync.id}`);

    const again = await runProgram([MAIN, "join", "--machine", "Laptop"], env);
    const other = await runProgram([MAIN, "join", "--machine", "desktop"], env);

    expect(again.stderr).toContain(`laptop has joined before; its tokens stay valid: ${ai.id} (ai)\n`);
    expect(again.stderr).toContain("federated-memory token revoke ID");
    expect(other.stderr).not.toContain("joined before");
  });

  it("names a MEMORY_ROOT that is not there, as other commands do", async () => {
    await using folder = await tempFolder();

    const { code, stderr } = await runProgram([MAIN, "join", "--machine", "laptop"], {
      MEMORY_ROOT: join(folder.path, "typo"),
    });

    expect(code).toBe(1);
    expect(stderr).toContain("Set MEMORY_ROOT");
  });

  it.each([
    [["--machine", "…"], "machine"],
    [["--machine", "laptop", "--minutes", "0"], "minutes"],
    [["--machine", "laptop", "--minutes", "soon"], "minutes"],
    [["--machine", "laptop", "--url", "ftp://x"], "--url"],
    [["--machine", "laptop", "--url", "http://x/$(id)"], "--url"],
    [["--machine", "laptop", "--read", ","], "read"],
    [["--machine", "laptop", "--expires", "yesterday"], "expires"],
    [[], "--machine"],
  ])("refuses %j", async (args, word) => {
    await using folder = await tempFolder();
    const env = { MEMORY_ROOT: folder.path, PUBLIC_URL: "https://memory.example" };

    const { code, stdout, stderr } = await runProgram([MAIN, "join", ...args], env);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(word);
  });
});

/** An error without what differs from answer to answer. */
function without(body: string): string {
  return body.replace(/"request_id":"[^"]*"/, "");
}
