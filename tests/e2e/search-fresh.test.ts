import { mkdir, rename, unlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { wholeAnswer } from "../../bench/quality/whole-answer.ts";
import { KnowledgeAnswer, SEARCH_MODES, SessionAnswer } from "../../contract/search.ts";
import { indexSettled, indexStatus } from "../support/index-status.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { line, lines } from "../support/session-store.ts";

/** What a search finds of what has only just been written, through a real server whose index is in use. */

const RATE = { requestsPerMinute: 1_000_000 };
/** What people change by hand is found within two seconds; a busy machine may take longer. */
const SOON = { timeout: 25_000, interval: 50 };
/** Whether the index or the search is first is left to chance: so often a search may come too late. */
const TRIES = 50;
/** Takes the index longer than a request. */
const LONG = lines(4000).toString("utf8");

let server: TestServer;
let id: string;
let writeToken: string;

beforeAll(async () => {
  server = await startServer({ rate: RATE });
  ({ id, writeToken } = await server.register({ machine: "laptop", tool: "codex", project: "webshop" }));
  await send("knowledge/first.md", "the first file");
  await send("sessions/first", line("the first session"));
  await indexSettled(server.root);
});

afterAll(() => server[Symbol.asyncDispose]());

async function send(place: string, body: string, offset?: number): Promise<void> {
  const headers = {
    "x-workspace-token": writeToken,
    ...(offset !== undefined && { "upload-offset": String(offset) }),
  };
  const method = offset === undefined ? "PUT" : "PATCH";
  const path = `workspaces/${id}/${place}`;
  const response = await server.api(path, { method, headers, body, token: server.tokens.sync });
  if (!response.ok) throw new Error(await response.text());
}

async function ask(kind: "knowledge" | "sessions", query: string, mode = "ranked"): Promise<unknown> {
  const response = await server.api(
    `search/${kind}?${new URLSearchParams({ query, mode, explain: "true" }).toString()}`,
  );
  return response.json();
}

// A busy machine may not suffice for the whole answer in the time of a search.
const sessionsWith = (query: string, mode?: string) =>
  wholeAnswer(async () => SessionAnswer.parse(await ask("sessions", query, mode)));
const filesWith = (query: string, mode?: string) =>
  wholeAnswer(async () => KnowledgeAnswer.parse(await ask("knowledge", query, mode)));

describe("what was uploaded", () => {
  it.each(SEARCH_MODES)("is found by the next search, before it is indexed: %s", async (mode) => {
    let wasIndexed = true;

    for (let attempt = 0; wasIndexed && attempt < TRIES; attempt += 1) {
      const needle = `needle${mode}${attempt}`;
      await send(`sessions/${needle}`, `${LONG}${line(`the ${needle}`)}`);
      const { hits, explain } = await sessionsWith(needle, mode);

      expect(hits).toMatchObject([{ session_id: needle, line: 4001 }]);
      wasIndexed = explain?.documents.scanned === 0;
    }

    expect(wasIndexed).toBe(false);
  });

  it("is found by the next search when it is only a tail", async () => {
    await send("sessions/grown", LONG);
    await indexSettled(server.root);
    let wasIndexed = true;
    let bytes = Buffer.byteLength(LONG);

    for (let attempt = 0; wasIndexed && attempt < TRIES; attempt += 1) {
      const tail = line(`the tail${attempt}`);
      await send("sessions/grown", tail, bytes);
      bytes += Buffer.byteLength(tail);
      const { hits, explain } = await sessionsWith(`tail${attempt}`);

      expect(hits).toMatchObject([{ session_id: "grown", line: 4001 + attempt }]);
      wasIndexed = explain?.documents.scanned === 0;
    }

    expect(wasIndexed).toBe(false);
  });

  it.each(SEARCH_MODES)(
    "is found by the next search and as it is now: a knowledge file, %s",
    async (mode) => {
      const found = async (query: string) => (await filesWith(query, mode)).hits.map(({ path }) => path);

      const answers: string[][] = [];

      for (let version = 1; version <= 5; version += 1) {
        await send("knowledge/changed.md", `# Now\n\nversion${mode}${version}`);
        answers.push(await found(`version${mode}${version}`), await found(`version${mode}${version - 1}`));
      }

      expect(answers).toEqual(Array.from({ length: 5 }, () => [["changed.md"], []]).flat());
    },
  );
});

describe.each(SEARCH_MODES)("what people do by hand is soon seen: %s", (mode) => {
  const place = (path: string) => join(server.root, "workspaces", id, path);
  const found = async (query: string) => (await filesWith(query, mode)).hits.map(({ path }) => path);

  it("a file that is created, edited, moved and deleted", async () => {
    const [from, to] = [`hand/${mode}.md`, `moved/${mode}.md`];

    await mkdir(dirname(place(`knowledge/${from}`)), { recursive: true });
    await writeFile(place(`knowledge/${from}`), `created${mode}`);
    await expect.poll(() => found(`created${mode}`), SOON).toEqual([from]);

    await writeFile(place(`knowledge/${from}`), `edited${mode}`);
    await expect.poll(() => found(`edited${mode}`), SOON).toEqual([from]);
    expect(await found(`created${mode}`)).toEqual([]);

    await mkdir(dirname(place(`knowledge/${to}`)), { recursive: true });
    await rename(place(`knowledge/${from}`), place(`knowledge/${to}`));
    await expect.poll(() => found(`edited${mode}`), SOON).toEqual([to]);

    await unlink(place(`knowledge/${to}`));
    await expect.poll(() => found(`edited${mode}`), SOON).toEqual([]);
  });

  it("the overview", async () => {
    await writeFile(place("overview.md"), `overview${mode}`);

    await expect.poll(() => found(`overview${mode}`), SOON).toEqual(["overview.md"]);
  });

  it("a workspace that was moved away and is moved back", async () => {
    await mkdir(place("knowledge"), { recursive: true });
    await writeFile(place(`knowledge/kept${mode}.md`), `kept${mode}`);
    await expect.poll(() => found(`kept${mode}`), SOON).toEqual([`kept${mode}.md`]);
    await indexSettled(server.root);

    await rename(place(""), `${server.root}/away`);
    await expect.poll(async () => (await indexStatus(server.root)).knowledge.indexed, SOON).toBe(0);
    expect(await found(`kept${mode}`)).toEqual([]);
    await rename(`${server.root}/away`, place(""));
    await expect.poll(() => found(`kept${mode}`), SOON).toEqual([`kept${mode}.md`]);

    await writeFile(place(`knowledge/added${mode}.md`), `added${mode}`);
    await expect.poll(() => found(`added${mode}`), SOON).toEqual([`added${mode}.md`]);
    await indexSettled(server.root);
    expect(await found(`kept${mode}`)).toEqual([`kept${mode}.md`]);
  });
});
