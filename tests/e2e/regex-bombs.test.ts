import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { SyncRegistration } from "../../contract/wire.ts";
import { childProcesses } from "../support/child-processes.ts";
import { corpus } from "../support/corpus.ts";
import { RawMcp } from "../support/raw-mcp.ts";
import { ServerProcess } from "../support/server-process.ts";
import { AI_TOKEN, SYNC_TOKEN } from "../support/server.ts";
import { tempFolder } from "../support/temp-folder.ts";

const BombRow = z.object({
  id: z.string(),
  pattern: z.string(),
  hay: z.string(),
  expect: z.enum(["match", "nomatch", "error", "bounded"]),
});
const ToolResult = z.object({
  isError: z.boolean().optional(),
  content: z.array(z.unknown()),
  structuredContent: z.unknown().optional(),
});
const Answer = z.object({ hits: z.array(z.unknown()), partial: z.boolean() });

/** Bombs that are sent at once. */
const TOGETHER = 4;

interface Place {
  server: ServerProcess;
  id: string;
  writeToken: string;
}

const rows = corpus("regex-bombs.txt", BombRow).map((row) => ({
  ...row,
  pattern: repeated(row.pattern),
  hay: repeated(row.hay),
}));

/** `{{REPEAT:"ab":40}}` stands for so many of them. */
function repeated(text: string): string {
  return text.replaceAll(/\{\{REPEAT:("(?:[^"\\]|\\.)*"):(\d+)\}\}/g, (_, part: string, times: string) =>
    z.string().parse(JSON.parse(part)).repeat(Number(times)),
  );
}

async function register(server: ServerProcess, machine: string): Promise<Place> {
  const answer = await fetch(`${server.url}/api/v1/workspaces`, {
    method: "POST",
    headers: { authorization: `Bearer ${SYNC_TOKEN}`, "content-type": "application/json" },
    body: JSON.stringify({ machine, tool: "codex", project: "hay" }),
  });
  const { workspace_id: id, write_token: writeToken = "" } = SyncRegistration.parse(await answer.json());
  return { server, id, writeToken };
}

async function put({ server, id, writeToken }: Place, place: string, body: string): Promise<void> {
  const answer = await fetch(`${server.url}/api/v1/workspaces/${id}/${place}`, {
    method: "PUT",
    headers: { authorization: `Bearer ${SYNC_TOKEN}`, "x-workspace-token": writeToken },
    body,
  });
  expect(answer.ok, `${place}: ${await answer.text()}`).toBe(true);
}

function turn(content: string): string {
  const timestamp = "2026-10-01T00:00:00.000Z";
  return `${JSON.stringify({ type: "user", timestamp, message: { role: "user", content } })}\n`;
}

/** Asks as an AI does: JSON carries what no address can hold. */
async function outcomeOf(mcp: RawMcp, name: string, query: Record<string, string>): Promise<string> {
  const { isError, content, structuredContent } = ToolResult.parse(
    await mcp.callTool({ name, arguments: { ...query, mode: "regex" } }),
  );
  if (isError === true) return JSON.stringify(content).includes("invalid_input") ? "error" : "failed";
  const { hits, partial } = Answer.parse(structuredContent);
  if (partial) return "partial";
  return hits.length > 0 ? "match" : "nomatch";
}

function isRight(outcome: string, expected: string): boolean {
  return expected === "bounded"
    ? ["match", "nomatch", "error", "partial"].includes(outcome)
    : outcome === expected;
}

/** Sends every bomb to both searches, a few at once. Gives what was answered wrongly. */
async function explode(mcp: RawMcp, places: ReadonlyMap<string, Place>): Promise<string[]> {
  const waiting = rows.flatMap((row) =>
    ["search_knowledge", "search_sessions"].map((tool) => ({ row, tool })),
  );
  const wrong: string[] = [];
  const send = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { row, tool } = next;
      const query = { query: row.pattern, workspace_id: places.get(row.id)?.id ?? "" };
      const outcome = await outcomeOf(mcp, tool, query);
      if (!isRight(outcome, row.expect)) wrong.push(`${row.id} ${tool}: ${outcome}, not ${row.expect}`);
    }
  };
  await Promise.all(Array.from({ length: TOGETHER }, send));
  return wrong;
}

/** Reads a file again and again until told to stop. Gives how often it was answered. */
async function neighbour({ server, id }: Place, stop: { now: boolean }): Promise<number> {
  let answers = 0;
  while (!stop.now) {
    const answer = await fetch(`${server.url}/api/v1/workspaces/${id}/knowledge/hay.md`, {
      headers: { authorization: `Bearer ${AI_TOKEN}` },
    });
    await answer.text();
    expect(answer.status).toBe(200);
    answers += 1;
    await sleep(5);
  }
  return answers;
}

describe("hostile regular expressions", () => {
  it(
    "are answered or refused rightly, leave others alone and no process behind",
    { timeout: 300_000 },
    async () => {
      await using folder = await tempFolder();
      await using server = await ServerProcess.start(folder.path);
      const places = new Map<string, Place>();
      for (const { id, hay } of rows) {
        const place = await register(server, `hay-${id}`);
        places.set(id, place);
        await put(place, "knowledge/hay.md", hay);
        await put(place, "sessions/hay", turn(hay));
      }
      const [ordinary] = places.values();
      if (ordinary === undefined) throw new Error("no rows");
      const stop = { now: false };
      const reading = neighbour(ordinary, stop);

      const wrong = await explode(
        new RawMcp(`${server.url}/mcp`, { token: AI_TOKEN, era: "modern" }),
        places,
      );
      stop.now = true;
      const answers = await reading;

      expect(wrong).toEqual([]);
      expect(answers).toBeGreaterThan(TOGETHER);
      expect(childProcesses(server.child.pid)).toEqual([]);
    },
  );
});
