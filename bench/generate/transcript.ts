import { claudeLines } from "./claude-lines.ts";
import { codexLines } from "./codex-lines.ts";
import { needlesOf, SESSION_NEEDLES } from "./needles.ts";
import { randomOf, seedOf, type Random } from "./random.ts";
import type { Scene } from "./scene.ts";
import { momentAt, workspaceOf, type CorpusWorkspace } from "./workspaces.ts";
import type { Writers } from "./writer.ts";

const SEED = 20_261_102;
const MEDIAN_BYTES = 262_000;
const LEAST_BYTES = 50_000;
const MOST_BYTES = 5_000_000;

export interface GeneratedSession {
  workspace: CorpusWorkspace;
  sessionId: string;
  raw: Buffer;
}

/** Session number `index`, from 50 kB to 5 MB long, or of about `bytes`: the same for every corpus that has so many. */
export function generatedSession(index: number, writers: Writers, bytes?: number): GeneratedSession {
  const random = randomOf(seedOf(SEED, index));
  const workspace = workspaceOf(index);
  const started = momentAt(random.next());
  const wanted = bytes ?? Math.min(MOST_BYTES, Math.max(LEAST_BYTES, random.lognormal(MEDIAN_BYTES, 1)));
  const sessionId = random.uuid();
  const scene: Scene = {
    random,
    writer: writers.writer(random),
    sessionId,
    cwd: `/home/dev/projects/${workspace.project}`,
    planted: needlesOf(SESSION_NEEDLES, index).map(({ planted }) => planted),
    now: clock(started, random),
  };
  const lines = workspace.tool === "codex" ? codexLines(scene) : claudeLines(scene);
  return { workspace, sessionId, raw: firstBytes(lines, wanted) };
}

/** Whole lines, until there are so many bytes. */
function firstBytes(lines: Iterable<object>, bytes: number): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (const line of lines) {
    const part = Buffer.from(`${JSON.stringify(line)}\n`);
    parts.push(part);
    length += part.length;
    if (length >= bytes) break;
  }
  return Buffer.concat(parts, length);
}

function clock(started: Date, random: Random): () => string {
  let timeMs = started.getTime();
  return () => {
    timeMs += random.integer(4000);
    return new Date(timeMs).toISOString();
  };
}
