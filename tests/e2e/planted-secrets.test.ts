import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { overviewAnchor, knowledgeAnchor, sessionAnchor } from "../../contract/anchor.ts";
import { SECRET_PREFIXES } from "../../contract/secrets.ts";
import { AiRegistration } from "../../contract/wire.ts";
import { ROUTES } from "../../server/http/router.ts";
import { PROMPTS } from "../../server/mcp/prompts.ts";
import { TOOLS } from "../../server/mcp/tools/index.ts";
import { call } from "../support/answers.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

/** Stands in every secret that is planted, after the prefix, and nowhere else. */
const CANARY = "PLANTED";
const SECRETS = Object.values(SECRET_PREFIXES).map((prefix) => `${prefix}${CANARY}-0123456789abcdef`);
const [SECRET = ""] = SECRETS;
/** One of each kind, and a word to find them by. */
const PLANTED = `zebracorn ${SECRETS.join(" ")}`;

const ID = "laptop-codex-shop-fmai-planted-0123456789abcdef";
const NAME = { machine: "laptop", tool: "codex", project: `shop ${SECRET}` };
const FILE = "auto/design.md";
const MEMORY = "/memories/notes.md";
const SESSION = "s1";

const TRANSCRIPT = [
  { type: "summary", summary: PLANTED, leafUuid: "u" },
  { type: "user", message: { role: "user", content: PLANTED } },
  {
    type: "assistant",
    message: {
      role: "assistant",
      content: [
        { type: "thinking", thinking: PLANTED },
        { type: "text", text: PLANTED },
        { type: "tool_use", id: "t", name: "Bash", input: { command: PLANTED } },
      ],
    },
  },
  {
    type: "user",
    message: { role: "user", content: [{ type: "tool_result", tool_use_id: "t", content: PLANTED }] },
  },
]
  .map((line, second) => ({
    sessionId: SESSION,
    cwd: `/home/me/${SECRET}`,
    gitBranch: SECRET,
    timestamp: `2026-11-02T10:00:0${second}.000Z`,
    ...line,
  }))
  .map((line) => `${JSON.stringify(line)}\n`)
  .join("");

const WORKSPACE = `workspaces/${ID}`;
/** Every GET an AI may send, by its route. */
const GETS: Record<string, string[]> = {
  "/whoami": ["whoami"],
  "/openapi.json": ["openapi.json"],
  "/overview": ["overview"],
  "/workspaces": ["workspaces", "workspaces?limit=1"],
  "/workspaces/:workspace_id": [WORKSPACE],
  "/workspaces/:workspace_id/overview": [`${WORKSPACE}/overview`, `${WORKSPACE}/overview?version=1`],
  "/workspaces/:workspace_id/knowledge": [`${WORKSPACE}/knowledge`, `${WORKSPACE}/knowledge?limit=1`],
  "/workspaces/:workspace_id/knowledge/*path": [
    `${WORKSPACE}/knowledge/${FILE}`,
    `${WORKSPACE}/knowledge/${FILE}?version=1`,
  ],
  "/workspaces/:workspace_id/memories/*path": [`${WORKSPACE}${MEMORY}`, `${WORKSPACE}${MEMORY}?version=1`],
  "/sessions": ["sessions", "sessions?limit=1"],
  "/workspaces/:workspace_id/sessions": [`${WORKSPACE}/sessions`],
  "/workspaces/:workspace_id/sessions/:session_id": [
    `${WORKSPACE}/sessions/${SESSION}`,
    `${WORKSPACE}/sessions/${SESSION}?format=gzip`,
  ],
  "/workspaces/:workspace_id/sessions/:session_id/lines": [
    `${WORKSPACE}/sessions/${SESSION}/lines`,
    `${WORKSPACE}/sessions/${SESSION}/lines?view=raw`,
  ],
  "/search/knowledge": ["ranked", "literal", "regex"].map(
    (mode) => `search/knowledge?query=zebracorn&mode=${mode}`,
  ),
  "/search/sessions": ["ranked", "literal", "regex"].map(
    (mode) => `search/sessions?query=zebracorn&mode=${mode}`,
  ),
};

/** Every tool that reads, with what it is called with. */
const CALLS: Record<string, object[]> = {
  get_overview: [{}, { workspace_id: ID }],
  list_workspaces: [{}],
  list_knowledge: [{ workspace_id: ID }],
  list_sessions: [{}, { workspace_id: ID }],
  read_knowledge: [
    { workspace_id: ID, path: FILE },
    { workspace_id: ID, path: FILE, version: 1 },
    { workspace_id: ID, path: MEMORY },
  ],
  read_session: [
    { workspace_id: ID, session_id: SESSION },
    { workspace_id: ID, session_id: SESSION, view: "raw" },
  ],
  search_knowledge: ["ranked", "literal", "regex"].map((mode) => ({ query: "zebracorn", mode })),
  search_sessions: ["ranked", "literal", "regex"].map((mode) => ({ query: "zebracorn", mode })),
};

/** A secret wherever a search takes a text; most of it is refused. */
const ASKED: Record<string, string>[] = [
  ...SECRETS.flatMap((secret) => [
    { query: secret },
    { query: `token "${secret}` },
    { query: `token -"${secret}"` },
    ...["workspace", "machine", "project", "role", "file", "type", "after"].map((field) => ({
      query: `token ${field}:${secret}`,
    })),
    { query: `token afer:${secret}` },
    { query: `(${secret}`, mode: "regex" },
    { query: `${secret}{2,1}`, mode: "regex" },
    { query: secret, mode: "literal" },
  ]),
  ...["workspace_id", "machine", "after", "mode", "limit", "cursor", SECRET].map((name) => ({
    query: "token",
    [name]: SECRET,
  })),
];

const PROMPT_ARGUMENTS: Record<string, Record<string, string>> = {
  recall: { topic: "zebracorn" },
  handoff: { workspace_id: ID },
};

describe("secrets of this product in every field of every stored thing", () => {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let server: TestServer;
  /** A named AI token, whose own name holds a secret too. */
  let token: string;
  let ai: Client;

  beforeAll(async () => {
    folder = await tempFolder();
    {
      await using earlier = await startServer({ root: folder.path });
      await plant(earlier);
    }
    await plantByHand(folder.path);
    server = await startServer({ root: folder.path });
    token = await namedAiToken(server);
    ai = await server.connect(token);
    await searchInFull(ai);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  });

  it("are there", async () => {
    const transcript = await server.api(`${WORKSPACE}/sessions/${SESSION}`, { token: server.tokens.sync });
    const knowledge = await server.api(`${WORKSPACE}/knowledge/${FILE}`, { token: server.tokens.sync });

    expect(await transcript.text()).toBe(TRANSCRIPT);
    expect(await knowledge.text()).toContain(PLANTED);
  });

  it("reach no AI over HTTP", async () => {
    const routes = ROUTES.filter(({ method, roles }) => method === "get" && roles.includes("ai"));
    const answers = new Map<string, string>();

    for (const path of Object.values(GETS).flat()) {
      const response = await server.api(path, { token });
      const headers = JSON.stringify([...response.headers]);
      answers.set(path, `${response.status} ${headers} ${await response.text()}`);
    }

    expect(Object.keys(GETS).toSorted()).toEqual(
      routes.map(({ path }) => path.replace("/api/v1", "")).toSorted(),
    );
    expect(failing(answers, (answer) => answer.startsWith("200 "))).toEqual([]);
    expect(failing(answers, (answer) => !answer.includes(CANARY))).toEqual([]);
    expect(failing(answers, (answer) => answer.includes("fmai_*"))).toEqual(["openapi.json"]);
  });

  it("reach no AI through tools", async () => {
    const reading = TOOLS.filter(({ listed }) => listed.annotations?.readOnlyHint === true);
    const answers = new Map<string, string>();

    for (const [name, inputs] of Object.entries(CALLS))
      for (const input of inputs) {
        const answer = await call(ai, name, { ...input });
        answers.set(`${name} ${JSON.stringify(input)}`, JSON.stringify(answer));
      }

    expect(Object.keys(CALLS).toSorted()).toEqual(reading.map(({ name }) => name).toSorted());
    expect(failing(answers, (answer) => answer.startsWith('{"isError":false'))).toEqual([]);
    expect(failing(answers, (answer) => !answer.includes(CANARY))).toEqual([]);
    expect(failing(answers, (answer) => answer.includes("fmai_*"))).toEqual([]);
  });

  it("reach no AI through the memory tool, nor by its refusals", async () => {
    const { binding } = AiRegistration.parse((await call(ai, "register_workspace", NAME)).structured);
    const path = MEMORY;
    const told = [
      { command: "view", path },
      { command: "str_replace", path, old_str: "first", new_str: "second" },
      { command: "str_replace", path, old_str: `missing ${SECRET}`, new_str: "" },
      { command: "str_replace", path, old_str: SECRET, new_str: SECRET },
      { command: "view", path: `/memories/${SECRET}` },
      { command: "view", path: "/memories" },
    ];

    const answers = new Map<string, string>();
    for (const command of told) {
      const answer = await call(ai, "memory_20250818", { ...command, binding });
      answers.set(JSON.stringify(command), answer.text);
    }

    expect(failing(answers, (answer) => !answer.includes(CANARY))).toEqual([]);
    expect([...answers.values()][0]).toContain("zebracorn");
  });

  it("reach no AI through resources, prompts and completions", async () => {
    const { resources } = await ai.listResources();
    const uris = [overviewAnchor(ID), knowledgeAnchor(ID, FILE), sessionAnchor(ID, SESSION, 1, 4)];
    const answers = new Map<string, string>();
    for (const uri of uris) answers.set(uri, JSON.stringify(await ai.readResource({ uri })));
    for (const [name, given] of Object.entries(PROMPT_ARGUMENTS))
      answers.set(name, JSON.stringify(await ai.getPrompt({ name, arguments: given })));

    const ref = { type: "ref/resource", uri: "memory://{workspace_id}/{+path}" } as const;
    const context = { arguments: { workspace_id: ID } };
    const ids = await ai.complete({ ref, argument: { name: "workspace_id", value: "" } });
    const paths = await ai.complete({ ref, argument: { name: "path", value: "" }, context });

    expect(resources.map(({ uri }) => uri)).toEqual([overviewAnchor(ID)]);
    expect(Object.keys(PROMPT_ARGUMENTS)).toEqual(
      expect.arrayContaining(PROMPTS.map(({ listed }) => listed.name)),
    );
    expect(failing(answers, (answer) => !answer.includes(CANARY))).toEqual([]);
    expect(failing(answers, (answer) => answer.includes("fmai_*"))).toEqual([]);
    expect(ids.completion.values).toEqual([ID]);
    expect(paths.completion.values).toEqual(
      expect.arrayContaining(["overview.md", `knowledge/${FILE}`, `sessions/${SESSION}`]),
    );
    expect(JSON.stringify([resources, ids, paths])).not.toContain(CANARY);
  });

  it("are not repeated to who asks with them, in no refusal and no explanation", async () => {
    const answers = new Map<string, string>();

    for (const asked of ASKED)
      for (const kind of ["knowledge", "sessions"]) {
        const query = new URLSearchParams({ explain: "true", ...asked }).toString();
        const response = await server.api(`search/${kind}?${query}`, { token });
        answers.set(`HTTP ${kind} ${query}`, `${response.status} ${await response.text()}`);
        const answer = await call(ai, `search_${kind}`, { explain: true, ...asked });
        answers.set(`MCP ${kind} ${query}`, JSON.stringify(answer));
      }

    expect(failing(answers, (answer) => !answer.toUpperCase().includes(CANARY))).toEqual([]);
    expect(failing(answers, (answer) => !/^5|internal/.test(answer))).toEqual([]);
  });

  it("cannot be guessed by searching for them", async () => {
    const inputs = ["literal", "regex", "ranked"].map((mode) => ({ query: CANARY, mode }));
    const searches = inputs.flatMap((input) => [
      call(ai, "search_knowledge", input),
      call(ai, "search_sessions", input),
    ]);

    const answers = await Promise.all(searches);

    const advice = { note: expect.stringMatching(/^Nothing holds any of these words\./) };
    const nothing = inputs.flatMap(({ mode }) => {
      const empty = { hits: [], partial: false, ...(mode === "ranked" && advice) };
      return [empty, empty];
    });
    expect(answers.map(({ structured }) => structured)).toEqual(nothing);
  });

  it.each([
    [`knowledge/${SECRET}.md`, "text/markdown"],
    [`sessions/${SECRET}`, "application/x-ndjson"],
  ])("are no address: %s is refused", async (place, type) => {
    const response = await server.api(`${WORKSPACE}/${place}`, {
      method: "PUT",
      token: server.tokens.sync,
      headers: { "content-type": type, "x-workspace-token": "" },
      body: TRANSCRIPT,
    });

    const answer = await response.text();
    expect(response.status).toBe(400);
    expect(answer).toContain("holds a secret of this product");
    expect(answer).not.toContain(CANARY);
  });
});

/** Names of the answers of which this does not hold. */
function failing(answers: ReadonlyMap<string, string>, holds: (answer: string) => boolean): string[] {
  expect(answers.size).toBeGreaterThan(0);
  return [...answers].filter(([, answer]) => !holds(answer)).map(([name]) => name);
}

/** Through the front door: names, description, overview, knowledge and a session. */
async function plant(server: TestServer): Promise<void> {
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ ...NAME, description: PLANTED });
  const registered = await server.api("workspaces", {
    method: "POST",
    token: server.tokens.sync,
    headers: json,
    body,
  });
  const { workspace_id, write_token } = z
    .object({ workspace_id: z.string(), write_token: z.string() })
    .parse(await registered.json());
  expect(workspace_id).toBe(ID);

  const ai = await server.connectAi();
  const { binding } = AiRegistration.parse((await call(ai, "register_workspace", NAME)).structured);
  const page = `# ${PLANTED}\n\n${PLANTED}\n`;
  for (const content of [`${page}first\n`, page]) {
    await call(ai, "write_overview", { content, binding });
    await put(server, `knowledge/${FILE}`, content, write_token);
  }
  const memory = { path: MEMORY, file_text: `${page}first\n` };
  await call(ai, "memory_20250818", { command: "create", ...memory, binding });
  await put(server, `sessions/${SESSION}`, TRANSCRIPT, write_token);
}

async function put(server: TestServer, place: string, body: string, writeToken: string): Promise<void> {
  const response = await server.api(`${WORKSPACE}/${place}`, {
    method: "PUT",
    token: server.tokens.sync,
    headers: { "x-workspace-token": writeToken },
    body,
  });
  expect(response.ok).toBe(true);
}

/** What only somebody on the server's machine can write. */
async function plantByHand(root: string): Promise<void> {
  for (const page of ["README.md", "INDEX.md"]) await writeFile(join(root, page), `# ${PLANTED}\n`);
  await writeFile(join(root, WORKSPACE, "knowledge", `${SECRET}.md`), PLANTED);
  const month = join(root, WORKSPACE, "sessions/2026/11");
  const names = await readdir(month);
  const factsName = names.find((name) => name.endsWith(".json")) ?? "";
  const facts = z
    .record(z.string(), z.unknown())
    .parse(JSON.parse(await readFile(join(month, factsName), "utf8")));
  const changed = { ...facts, tool: PLANTED, title: PLANTED, parent: SECRET, git_branch: PLANTED };
  await writeFile(join(month, factsName), JSON.stringify(changed));
  const older = join(root, WORKSPACE, "sessions/2025/11");
  await mkdir(older, { recursive: true });
  await copyFile(
    join(month, factsName.replace(/json$/, "jsonl.gz")),
    join(older, `20251101T100000Z-${SECRET}.jsonl.gz`),
  );
}

/** The first searches of a server may take longer than one may; what they leave out, the next ones find. */
async function searchInFull(ai: Client): Promise<void> {
  for (const tool of ["search_knowledge", "search_sessions"])
    while ((await call(ai, tool, { query: "zebracorn" })).text.includes('"partial":true')) continue;
}

async function namedAiToken(server: TestServer): Promise<string> {
  const local = JSON.parse(await readFile(join(server.root, "_meta/local-admin.json"), "utf8"));
  const { token: admin } = z.object({ token: z.string() }).parse(local);
  const made = await server.api("admin/tokens", {
    method: "POST",
    token: admin,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name: SECRET, role: "ai" }),
  });
  return z.object({ secret: z.string() }).parse(await made.json()).secret;
}
