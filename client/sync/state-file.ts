import { readFile } from "node:fs/promises";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { hasChecksum, withChecksum } from "./checksum.ts";

const KnownFile = z.object({
  size: z.number(),
  mtime_ms: z.number(),
  sha256: z.string(),
  seen_ms: z.number().describe("When the file was looked at last"),
});
export type KnownFile = z.infer<typeof KnownFile>;

const KnownSession = KnownFile.extend({
  session_id: z.string(),
  parent: z.string().optional(),
  cwd: z.string().optional(),
  repository: z.string().optional(),
});
export type KnownSession = z.infer<typeof KnownSession>;

const FORMAT = 1;

const StateFile = z.object({
  format: z.literal(FORMAT),
  url: z.string(),
  /** What was redacted, and by which rules; absent when nothing was. */
  redaction: z.string().optional(),
  /** Workspace ids the server gave, by `machine\0tool\0project`. */
  workspaces: z.record(z.string(), z.string()).default({}),
  knowledge: z.record(z.string(), KnownFile).default({}),
  sessions: z.record(z.string(), KnownSession).default({}),
});
export type StateFile = z.infer<typeof StateFile>;

/** What has its checksum was written by this program: to check ten thousand entries again takes longer than all else. */
const CheckedFile = z.custom<StateFile>();
/** Another format has other checksums. */
const CHECKSUM_OF = `state ${FORMAT}`;

/** A state that knows nothing. */
export function emptyState(url: string): StateFile {
  return { format: FORMAT, url, workspaces: {}, knowledge: {}, sessions: {} };
}

/** A state as the text of its file, with its checksum. */
export function stateText(file: StateFile): string {
  return withChecksum(file, CHECKSUM_OF);
}

/** The state in a file; undefined when there is none. */
export async function readState(path: string): Promise<StateFile | "damaged" | undefined> {
  const bytes = await unlessMissing(readFile(path));
  if (bytes === undefined) return undefined;
  const schema = hasChecksum(bytes, CHECKSUM_OF) ? CheckedFile : StateFile;
  const parsed = schema.safeParse(parseJson(bytes.toString("utf8")));
  return parsed.success ? parsed.data : "damaged";
}
