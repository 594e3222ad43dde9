import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";

const ROOT = join(import.meta.dirname, "..", "fixtures", "transcripts");

/** One transcript as a real client wrote it. */
export interface RealTranscript {
  client: "claude" | "codex";
  /** Path below `tests/fixtures/transcripts`; the largest ones are stored as `….jsonl.gz`. */
  path: string;
  /** The id its client gives it: the file's name, or the id at the end of it. */
  fileId: string;
  bytes: Buffer;
}

/** Every real transcript that is not empty, in the order of their paths. */
export function realTranscripts(): RealTranscript[] {
  return globSync("{claude,codex}/**/*.{jsonl,jsonl.gz}", { cwd: ROOT })
    .filter((path) => !basename(path).startsWith("hook-payloads"))
    .sort()
    .map(transcriptAt)
    .filter(({ bytes }) => bytes.length > 0);
}

/** The transcript whose path holds `part`. */
export function realTranscript(part: string): RealTranscript {
  const found = realTranscripts().find(({ path }) => path.includes(part));
  if (found === undefined) throw new Error(`no transcript with "${part}" in its path`);
  return found;
}

function transcriptAt(path: string): RealTranscript {
  const stored = readFileSync(join(ROOT, path));
  const name = basename(path).replace(/\.jsonl(\.gz)?$/, "");
  return {
    client: path.startsWith("claude") ? "claude" : "codex",
    path,
    fileId: name.replace(/^rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-/, ""),
    bytes: path.endsWith(".gz") ? gunzipSync(stored) : stored,
  };
}
