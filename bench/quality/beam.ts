import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as z from "zod";
import { randomOf } from "../generate/random.ts";
import { placeOf, type AskedSession, type Place, type Question, type QuestionSet } from "./question.ts";
import { transcriptLines } from "./transcript-lines.ts";
import type { Said } from "./story.ts";

const BeamTurn = z.object({
  conv: z.int(),
  turn: z.int(),
  role: z.enum(["user", "assistant"]),
  time: z.string(),
  text: z.string(),
});
type BeamTurn = z.infer<typeof BeamTurn>;
const BeamQuery = z.object({
  conv: z.int(),
  type: z.string(),
  question: z.string(),
  gold_turns: z.array(z.int()),
});

/**
 * BEAM's 100K split (Tavakoli et al., arXiv 2510.27246; CC BY-SA 4.0) from a folder with `turns.jsonl.gz` and `queries.jsonl`:
 * every conversation is one session of a workspace of its own. Questions are asked within the conversation they are
 * about, or in everything at once; those that no turn answers are left out.
 */
export function beamQuestions(
  folder: string,
  { scope }: { scope: "conversation" | "everything" },
): QuestionSet {
  const turns = rows(gunzipSync(readFileSync(join(folder, "turns.jsonl.gz"))), BeamTurn);
  const sessions = [...Map.groupBy(turns, ({ conv }) => conv)].map(([conv, said]) => sessionOf(conv, said));
  const asked = rows(readFileSync(join(folder, "queries.jsonl")), BeamQuery).filter(
    ({ gold_turns }) => gold_turns.length > 0,
  );
  const questions = asked.map(({ conv, type, question, gold_turns }): Question => ({
    category: type,
    text: question,
    ...(scope === "conversation" && { workspace: workspaceOf(conv) }),
    wanted: gold_turns.map((turn) => [placeOf(sessionIdOf(conv), lineOf(turn))]),
  }));
  return { sessions, files: [], questions, read: "all" };
}

function rows<T>(bytes: Buffer, row: z.ZodType<T>): T[] {
  const lines = bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
  return lines.map((line) => row.parse(JSON.parse(line)));
}

function workspaceOf(conv: number): AskedSession["workspace"] {
  return { machine: "beam", tool: "claude-code", project: `conversation-${conv}` };
}

function sessionIdOf(conv: number): string {
  return `beam-${conv}`;
}

/** There is a line before the first turn, and one after each turn of a user, that say nothing. */
function lineOf(turn: number): number {
  return 2 + turn + Math.ceil(turn / 2);
}

/** What a question and its answer have in common. */
export function exchangeOf(place: Place): string {
  const [session, line] = place.split(":");
  return `${session}:${Math.floor((Number(line) - 2) / 3)}`;
}

/** Half of the conversations: the weights of the ranking were chosen by the figures of the odd ones. */
export function isHeldOut({ wanted }: Question): boolean {
  return Number(/\d+/.exec(wanted[0]?.[0] ?? "")?.[0]) % 2 === 0;
}

function sessionOf(conv: number, turns: readonly BeamTurn[]): AskedSession {
  const startMs = Date.parse(turns[0]?.time.replaceAll("-", " ") ?? "");
  const said = turns.map(({ role, text }): Said => ({ by: role, text, mark: undefined }));
  let timeMs = startMs;
  const now = () => new Date((timeMs += 60_000)).toISOString();
  const frame = { random: randomOf(conv), sessionId: sessionIdOf(conv), cwd: "/home/dev", now };
  const lines = transcriptLines("claude-code", said, frame);
  return {
    workspace: workspaceOf(conv),
    sessionId: sessionIdOf(conv),
    started: new Date(startMs).toISOString(),
    raw: lines.map(({ line }) => `${line}\n`).join(""),
    said: turns.map(({ turn, role, text }) => ({ line: lineOf(turn), role, text })),
  };
}
