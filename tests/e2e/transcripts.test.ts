import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Client } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FactsCollector, readTurns } from "../../contract/transcript.ts";
import { SessionLines, SessionPage, SessionWritten } from "../../contract/wire.ts";
import { SessionAnswer } from "../../contract/search.ts";
import { sha256 } from "../../disk/digest.ts";
import { call } from "../support/answers.ts";
import { startServer, type TestServer } from "../support/server.ts";
import { realTranscripts, type RealTranscript } from "../support/transcripts.ts";

/** Every real transcript of both clients, through the front door: uploaded, kept, paged, read, found and cited. */

const MINUTES = 60_000;
const transcripts = realTranscripts();
let server: TestServer;
let workspace: { id: string; writeToken: string };
let client: Client;

beforeAll(async () => {
  server = await startServer();
  workspace = await server.register({ machine: "laptop", tool: "all", project: "transcripts" });
  client = await server.connectAi();
});
afterAll(() => server[Symbol.asyncDispose]());

/** A session id for a file: the same file name occurs in several layouts. */
const idOf = ({ path }: RealTranscript) => `t-${sha256(path).slice(0, 12)}`;
const place = (transcript: RealTranscript) => `workspaces/${workspace.id}/sessions/${idOf(transcript)}`;
const linesOf = (bytes: Buffer) => bytes.toString("utf8").split("\n");

async function upload(transcript: RealTranscript): Promise<SessionWritten> {
  const response = await server.api(place(transcript), {
    method: "PUT",
    body: new Uint8Array(transcript.bytes),
    token: server.tokens.sync,
    headers: { "x-workspace-token": workspace.writeToken, "x-content-sha256": sha256(transcript.bytes) },
  });
  return SessionWritten.parse(await response.json());
}

/** All pages of a session, from the first to the last. */
async function pages(transcript: RealTranscript, view: "raw" | "conversation"): Promise<SessionLines[]> {
  const all: SessionLines[] = [];
  let from = "";
  for (;;) {
    const response = await server.api(`${place(transcript)}/lines?view=${view}${from}`);
    const page = SessionLines.parse(await response.json());
    all.push(page);
    if (page.next_line === undefined) return all;
    from = `&from_line=${page.next_line}&from_char=${page.next_char ?? 0}`;
  }
}

/** A phrase of at least three words inside a tool result, and the line it stands in. */
function toolResultPhrase({ bytes }: RealTranscript): { phrase: string; line: number } | undefined {
  for (const [index, line] of linesOf(bytes).entries())
    for (const turn of readTurns(line)) {
      const phrase =
        turn.role === "tool_result"
          ? /[A-Za-z]{3,} [A-Za-z]{3,} [A-Za-z]{3,}/.exec(turn.text)?.[0]
          : undefined;
      if (phrase !== undefined) return { phrase, line: index + 1 };
    }
  return undefined;
}

describe("every real transcript", () => {
  it("is there: both clients, old and new layouts", () => {
    expect(transcripts.length).toBeGreaterThan(35);
    expect(new Set(transcripts.map((transcript) => transcript.client))).toEqual(new Set(["claude", "codex"]));
  });

  it.each(transcripts.map((transcript) => [transcript.path, transcript] as const))(
    "%s",
    { timeout: 5 * MINUTES },
    async (_, transcript) => {
      const written = await upload(transcript);
      const again = await upload(transcript);
      const back = Buffer.from(
        await (await server.api(place(transcript), { token: server.tokens.sync })).arrayBuffer(),
      );
      const raw = await pages(transcript, "raw");
      const conversation = await pages(transcript, "conversation");

      expect(written).toMatchObject({ bytes: transcript.bytes.length, sha256: sha256(transcript.bytes) });
      expect(written.status === "created" || written.same_as !== undefined).toBe(true);
      expect(again.status).toBe("unchanged");
      expect(back.equals(transcript.bytes)).toBe(true);
      expect(joined(raw)).toBe(transcript.bytes.toString("utf8").replace(/\n$/, ""));
      const spoken = linesOf(transcript.bytes).flatMap(readTurns);
      expect(conversation.map(({ text }) => text).join("").length > 0).toBe(spoken.length > 0);
      expect(conversation[0]?.session.tool).toBe(transcript.client === "claude" ? "claude-code" : "codex");
    },
  );

  it("is an ordinary .gz file on disk, named after its session and start", async () => {
    const folder = join(server.root, "workspaces", workspace.id, "sessions");
    const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".gz"));

    const contents = new Set(
      await Promise.all(names.map(async (name) => sha256(gunzipSync(await readFile(join(folder, name)))))),
    );

    expect(contents).toEqual(new Set(transcripts.map(({ bytes }) => sha256(bytes))));
    expect(names.every((name) => /^\d{4}\/\d{2}\/\d{8}T\d{6}Z-t-[0-9a-f]{12}\.jsonl\.gz$/.test(name))).toBe(
      true,
    );
  });

  it("is listed once, newest first, with facts of its own", async () => {
    const entries: SessionPage["entries"] = [];
    for (let cursor: string | undefined; ;) {
      const { structured } = await call(client, "list_sessions", {
        workspace_id: workspace.id,
        ...(cursor && { cursor }),
      });
      const page = SessionPage.parse(structured);
      entries.push(...page.entries);
      cursor = page.next_cursor;
      if (cursor === undefined) break;
    }

    expect(entries.map(({ session_id }) => session_id).sort()).toEqual(transcripts.map(idOf).sort());
    expect(entries.map(({ started }) => started)).toEqual(
      entries
        .map(({ started }) => started)
        .sort()
        .reverse(),
    );
    for (const transcript of transcripts) {
      const facts = new FactsCollector();
      for (const line of linesOf(transcript.bytes)) facts.add(line);
      const entry = entries.find(({ session_id }) => session_id === idOf(transcript));
      expect(entry).toMatchObject({ first_prompt: facts.facts().firstPrompt });
    }
  });

  const withResults = transcripts.flatMap((transcript) => {
    const found = toolResultPhrase(transcript);
    return found === undefined ? [] : [{ path: transcript.path, transcript, ...found }];
  });

  it("has tool results in most of them", () => {
    expect(withResults.length).toBeGreaterThan(15);
  });

  it.each(withResults)(
    "$path: a phrase inside a tool result is found, and its anchor opens at the line",
    { timeout: 5 * MINUTES },
    async ({ transcript, phrase, line }) => {
      const hits: SessionAnswer["hits"] = [];
      for (let cursor: string | undefined; ;) {
        const input = {
          query: phrase,
          mode: "literal",
          workspace_id: workspace.id,
          role: "tool_result",
          limit: 100,
        };
        const { structured } = await call(client, "search_sessions", { ...input, ...(cursor && { cursor }) });
        const answer = SessionAnswer.parse(structured);
        // Out of time, which may happen on a busy machine: the same page again.
        if (answer.partial) continue;
        hits.push(...answer.hits);
        cursor = answer.next_cursor;
        if (cursor === undefined) break;
      }
      const hit = hits.find(
        (candidate) => candidate.session_id === idOf(transcript) && candidate.line === line,
      );
      const opened = await call(client, "read_session", {
        workspace_id: workspace.id,
        session_id: idOf(transcript),
        from_line: line,
        max_lines: 1,
      });

      expect(hit).toMatchObject({
        anchor: `memory://${workspace.id}/sessions/${idOf(transcript)}#L${line}`,
        snippet: expect.stringContaining(phrase),
      });
      expect(opened.text).toContain(phrase);
      expect(opened.text).toMatch(new RegExp(`^${line}  tool_result`, "m"));
    },
  );
});

/** The text of raw pages without their line numbers: the transcript's own lines. */
function joined(all: SessionLines[]): string {
  let text = "";
  for (const page of all) {
    text += page.text.replaceAll(/^\d+: /gm, "");
    if (page.next_line !== undefined && page.next_char === undefined) text += "\n";
  }
  return text;
}
