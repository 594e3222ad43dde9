import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { KnowledgeAnswer, SessionAnswer } from "../../contract/search.ts";
import { SessionPage, WorkspacePage } from "../../contract/wire.ts";
import { readLocalAdmin } from "../../server/storage/local-admin.ts";
import { runClient } from "../support/client-process.ts";
import type { Finished } from "../support/run-program.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** What `search --json` prints. */
const Found = z.object({ knowledge: KnowledgeAnswer.optional(), sessions: SessionAnswer.optional() });

const SESSION = "11111111-1111-4111-8111-111111111111";
const FIRST_DESIGN = "# Design\n\nThe till is blue.\n";
const DESIGN = "# Design\n\nThe till is green.\nThe door is red\u001b[2J.\n";

/** A talk of many lines; line 2 holds the answer that searches look for. */
const TALK = [
  line("user", "Where is the spare key?", 0),
  line("assistant", "Under the zinnia pot.", 1),
  ...Array.from({ length: 1000 }, (_, n) => line("user", `filler ${n} ${"x".repeat(100)}`, 2)),
].join("");

function line(role: "user" | "assistant", content: string, minute: number): string {
  const timestamp = `2026-11-20T10:0${minute}:00.000Z`;
  const message = { role, content: role === "user" ? content : [{ type: "text", text: content }] };
  return `${JSON.stringify({ type: role, timestamp, sessionId: SESSION, cwd: "/home/me/webshop", message })}\n`;
}

let stack: AsyncDisposableStack;
let server: TestServer;
let home: string;
let workspace: string;

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  server = stack.use(await startServer());
  home = stack.use(await tempFolder()).path;
  const { id, writeToken } = await server.register({
    machine: "laptop",
    tool: "claude-code",
    project: "webshop",
  });
  workspace = id;
  const put = async (path: string, body: string): Promise<void> => {
    const headers = { "x-workspace-token": writeToken };
    const response = await server.api(`workspaces/${id}/${path}`, {
      method: "PUT",
      body,
      headers,
      token: server.tokens.sync,
    });
    if (!response.ok) throw new Error(await response.text());
  };
  await put("knowledge/auto/design.md", FIRST_DESIGN);
  await put("knowledge/auto/design.md", DESIGN);
  await put(`sessions/${SESSION}`, TALK);
});

afterAll(() => stack.disposeAsync());

function run(...args: string[]): Promise<Finished> {
  return runClient(args, {
    home,
    env: { MCP_MEMORY_URL: `${server.url}/mcp`, MCP_MEMORY_TOKEN: server.tokens.ai },
  });
}

describe("workspaces", () => {
  it("say of their sizes which they are", async () => {
    const { stdout: all } = await run("workspaces");
    const { stdout: sessions } = await run("sessions");

    expect([all, sessions]).toMatchObject([
      expect.stringMatching(/^WORKSPACE .* ON DISK /),
      expect.stringMatching(/^STARTED .* RAW SIZE /),
    ]);
  });

  it("are a table for people and a page for programs", async () => {
    const people = await run("workspaces");
    const programs = await run("workspaces", "--json");

    expect(people).toMatchObject({ code: 0, stderr: "" });
    expect(people.stdout).toMatch(/^WORKSPACE .*\nlaptop-claude-code-webshop +1 +1 /);
    expect(WorkspacePage.parse(JSON.parse(programs.stdout)).entries).toMatchObject([
      { workspace_id: workspace, sessions: 1 },
    ]);
  });

  it("are filtered, and none is no failure", async () => {
    const none = await run("workspaces", "--machine", "desktop");

    expect(none.code).toBe(0);
    expect(none.stderr).toContain("No workspaces");
  });
});

describe("sessions", () => {
  it("are listed with their first prompt, of all workspaces or of one", async () => {
    const all = await run("sessions");
    const one = await run("sessions", "--workspace", workspace, "--json");

    expect(all.stdout).toContain(SESSION);
    expect(all.stdout).toContain("Where is the spare key?");
    expect(SessionPage.parse(JSON.parse(one.stdout)).entries).toMatchObject([
      { session_id: SESSION, lines: 1002 },
    ]);
  });

  it("of a workspace that is not there are a problem", async () => {
    const missing = await run("sessions", "--workspace", "laptop-codex-nothing");

    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toMatch(/^error: /);
  });
});

describe("search", () => {
  it("finds knowledge and sessions, with addresses that read opens", async () => {
    const found = await run("search", "zinnia", "pot");
    const [address = ""] = /memory:\S+/.exec(found.stdout) ?? [];
    const opened = await run("read", address);

    expect(address).toBe(`memory://${workspace}/sessions/${SESSION}#L2`);
    expect(opened.stdout).toContain("Under the zinnia pot.");
    expect(opened.stdout).not.toContain("spare key");
    expect((await run("search", "the")).stdout).toContain("#L1  2026-11-20 10:00  user  also line 2\n");
  });

  it("names what it could look into, where it finds nothing with a token that reads a part", async () => {
    const local = await readLocalAdmin(server.root);
    const answer = await server.api("admin/tokens", {
      method: "POST",
      token: local?.token ?? "",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "tablet", role: "ai", workspaces: ["tablet-*", "shared-*"] }),
    });
    const { secret } = z.object({ secret: z.string() }).parse(await answer.json());
    const env = { MCP_MEMORY_URL: server.url, MCP_MEMORY_TOKEN: secret };

    const part = await runClient(["search", "zinnia"], { home, env });
    const whole = await run("search", "quagga");

    expect(part).toMatchObject({ code: 0, stdout: "" });
    expect(part.stderr).toContain("Nothing found in what this token may read: tablet-*, shared-*.\n");
    expect(whole.stderr).toMatch(/^Nothing found\.\n/);
  });

  it("looks where it is told", async () => {
    const knowledge = await run("search", "till", "--knowledge", "--json");
    const sessions = await run("search", "till", "--sessions", "--json");
    const assistant = await run("search", "zinnia", "--role", "assistant", "--json");

    expect(JSON.parse(knowledge.stdout)).toMatchObject({
      knowledge: { hits: [{ path: "auto/design.md", line: 3 }] },
    });
    expect(JSON.parse(knowledge.stdout)).not.toHaveProperty("sessions");
    expect(JSON.parse(sessions.stdout)).toMatchObject({ sessions: { hits: [] } });
    expect(JSON.parse(assistant.stdout)).toMatchObject({
      sessions: { hits: [{ line: 2, role: "assistant" }] },
    });
    expect(JSON.parse(assistant.stdout)).not.toHaveProperty("knowledge");
  });

  it("takes a query in the language of the server, whatever the shell made of its quotes", async () => {
    const found = async (...args: string[]) => {
      const { knowledge, sessions } = Found.parse(
        JSON.parse((await run("search", "--json", ...args)).stdout),
      );
      return { knowledge: knowledge?.hits.length, sessions: sessions?.hits.length };
    };

    expect(await found("till is door after:2026-01")).toEqual({ knowledge: 1, sessions: 0 });
    expect(await found('"till is" -blue')).toEqual({ knowledge: 1, sessions: 0 });
    expect(await found("till", "is green")).toEqual({ knowledge: 1, sessions: 0 });
    expect(await found("till", "green is")).toEqual({ knowledge: 0, sessions: 0 });
    expect(await found("--", "till", "-green")).toEqual({ knowledge: 0, sessions: 0 });
    expect(await found("zinnia", "type:session")).toEqual({ sessions: 1 });
    expect(await found("zinnia role:assistant")).toEqual({ sessions: 1 });
    expect(await found("till", "type:knowledge", "project:web shop")).toEqual({ knowledge: 0 });
    expect(await found("till is", "--mode", "literal")).toEqual({ knowledge: 1, sessions: 0 });
  });

  it("explains what was understood and done", async () => {
    const explained = await run("search", "zinnia machine:laptop", "--explain");

    expect(explained).toMatchObject({ code: 0, stderr: "" });
    expect(explained.stdout).toMatch(/^ {4}score [\d.]+: zinnia [\d.]+$/m);
    expect(explained.stdout).toMatch(/^How sessions were searched, in [\d.]+ ms$/m);
    expect(explained.stdout).toContain("understood (ranked): zinnia machine:laptop\nwords: zinnia\n");
    expect(explained.stdout).toMatch(/^reading +1 +\d+\.\d$/m);
  });

  it.each([
    [["search", 'say "hello'], /the quote before "hello" has no end/],
    [["search", "x", "afer:7d"], /Did you mean "after:"\?/],
    [["search", "machine:laptop"], /nothing to look for/],
    [["search", "x", "after:soon"], /not a date or time/],
  ])("explains a query that cannot be understood: %j", async (args, reason) => {
    const refused = await run(...args);

    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(reason);
  });

  it.each([
    [["search"], "something to look for"],
    [["search", "redis", "-draft"], "Arguments that begin with a dash go after --"],
    [["search", "x type:session", "--knowledge"], "The query and the options ask for different kinds"],
    [["search", "x role:user", "--knowledge"], "role: and --role are for sessions"],
    [["search", "x", "--mode", "fuzzy"], "--mode wants one of ranked, literal, regex"],
    [["search", "x", "--role", "nobody"], "--role wants one of"],
    [["search", "x", "--limit", "0"], "--limit wants a whole number"],
    [["search", "x", "--knowledge", "--role", "user"], "--role is for sessions"],
    [["search", "x", "--cursor", "c"], "add --knowledge or --sessions"],
  ])("%j is wrong usage", async (args, message) => {
    const wrong = await run(...args);

    expect(wrong).toMatchObject({ code: 2, stdout: "" });
    expect(wrong.stderr).toContain(message);
  });

  it("passes the server's own refusal on", async () => {
    const refused = await run("search", "(", "--mode", "regex");

    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^error: /);
  });
});

describe("read", () => {
  it("shows a file harmlessly, and its bytes with --raw", async () => {
    const shown = await run("read", workspace, "auto/design.md");
    const raw = await run("read", workspace, "auto/design.md", "--raw");

    expect(shown).toMatchObject({ code: 0, stderr: "" });
    expect(shown.stdout).toBe(DESIGN.replace("\u001b", "\\u{1b}"));
    expect(raw.stdout).toBe(DESIGN);
  });

  it("shows the lines that were asked for", async () => {
    const byAddress = await run("read", `memory://${workspace}/knowledge/auto/design.md#L3-3`);
    const byOptions = await run(
      "read",
      workspace,
      "auto/design.md",
      "--from-line",
      "3",
      "--max-lines",
      "1",
      "--json",
    );

    expect(byAddress.stdout).toBe("The till is green.\nThe door is red\\u{1b}[2J.\n");
    expect(JSON.parse(byOptions.stdout)).toEqual({
      workspace_id: workspace,
      path: "auto/design.md",
      anchor: `memory://${workspace}/knowledge/auto/design.md`,
      from_line: 3,
      lines: 4,
      text: "The till is green.",
    });
  });

  it("shows earlier versions", async () => {
    const first = await run("read", workspace, "auto/design.md", "--version", "1");
    const none = await run("read", workspace, "auto/design.md", "--as-of", "2020-01-01");

    expect(first.stdout).toBe(FIRST_DESIGN);
    expect(none.code).toBe(1);
  });

  it("shows a session page by page, or all of it", async () => {
    const page = await run("read", workspace, SESSION);
    const all = await run("read", workspace, SESSION, "--all");
    const json = await run("read", workspace, SESSION, "--all", "--json");

    expect(page.code).toBe(0);
    expect(page.stdout).toContain("Under the zinnia pot.");
    expect(page.stdout).not.toContain("filler 999 ");
    expect(page.stderr).toMatch(/--from-line \d+/);
    for (let n = 0; n < 1000; n += 1) expect(all.stdout).toContain(`filler ${n} `);
    expect(all.stderr).toBe("");
    expect(json.stdout.trimEnd().split("\n").length).toBeGreaterThan(1);
  });

  it("gives a session's bytes, and some of its lines", async () => {
    const raw = await run("read", workspace, SESSION, "--raw");
    const some = await run("read", workspace, SESSION, "--raw", "--from-line", "2", "--max-lines", "2");

    expect(raw.stdout).toBe(TALK);
    expect(some.stdout).toBe(
      TALK.split(/(?<=\n)/)
        .slice(1, 3)
        .join(""),
    );
  });

  it.each([
    [["read"], 2, "an address, or a workspace"],
    [["read", "memory://nowhere"], 2, "Not an address"],
    [["read", "a-b-c", "x.md", "y"], 2, "an address, or a workspace"],
    [["read", "laptop-claude-code-webshop", "nope.md"], 1, "nope.md"],
    [["read", "laptop-claude-code-webshop"], 1, "has no overview yet"],
    [["read", "laptop-claude-code-nothing", "x.md"], 1, "`memory-sync workspaces` shows them"],
    [["read", "laptop-claude-code-webshop", "5f0c"], 1, "memory-sync sessions"],
    [["read", "laptop-claude-code-webshop", SESSION, "--version", "1"], 2, "for knowledge files"],
  ])("%j ends with %i", async (args, code, message) => {
    const ended = await run(...args);

    expect(ended).toMatchObject({ code, stdout: "" });
    expect(ended.stderr).toContain(message);
  });
});

describe("the exit code", () => {
  it("tells a refused token from a missing server", async () => {
    const env = { MCP_MEMORY_URL: server.url };
    const refused = await runClient(["workspaces"], {
      home,
      env: { ...env, MCP_MEMORY_TOKEN: "wrong-wrong-wrong" },
    });
    const gone = await runClient(["workspaces"], {
      home,
      env: { MCP_MEMORY_URL: "http://127.0.0.1:9", MCP_MEMORY_TOKEN: "x" },
    });

    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain("It comes from MCP_MEMORY_TOKEN");
    expect(gone.code).toBe(4);
    expect(gone.stderr).toContain("Is the server running there?");
  });
});

describe("status", () => {
  it("says what is tracked, pending and wrong, without asking the server", async () => {
    await using folder = await tempFolder();
    const options = { home: folder.path, env: { MCP_MEMORY_URL: "http://127.0.0.1:9" } };
    const place = join(folder.path, ".claude/projects/-home-me-webshop");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, `${SESSION}.jsonl`), TALK);

    const before = await runClient(["status"], options);
    await mkdir(join(folder.path, ".memory-sync/manifests"), { recursive: true });
    await writeFile(join(folder.path, ".memory-sync/manifests/broken.json"), "{}");
    const after = await runClient(["status", "--json"], options);

    expect(before.code).toBe(0);
    expect(before.stdout).toContain("Sessions   0 sent, 1 new, 0 changed");
    expect(before.stdout).toContain("The outbox is empty.");
    expect(after.code).toBe(1);
    expect(JSON.parse(after.stdout)).toMatchObject({
      sessions: { new: 1 },
      jobs: [],
      problems: [{ path: join(folder.path, ".memory-sync/manifests/broken.json") }],
    });
  });

  it("shows why a job waits, and when it is tried again", async () => {
    await using folder = await tempFolder();
    const options = {
      home: folder.path,
      env: { MCP_MEMORY_URL: "http://127.0.0.1:9", SYNC_TOKEN: "x".repeat(20) },
    };
    const place = join(folder.path, ".claude/projects/-home-me-webshop");
    await mkdir(place, { recursive: true });
    await writeFile(join(place, `${SESSION}.jsonl`), TALK);

    const sync = await runClient(["sync"], options);
    const status = await runClient(["status"], options);

    expect(sync.code).toBe(4);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(/\(tries: 1.*\): session .*\.jsonl\n    127\.0\.0\.1:9 cannot be reached/);
  });
});
