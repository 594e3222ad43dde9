import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { unlessMissing } from "../../disk/errno.ts";

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
  /** Workspace ids the server gave, by `machine\0tool\0project`. */
  workspaces: z.record(z.string(), z.string()).default({}),
  knowledge: z.record(z.string(), KnownFile).default({}),
  sessions: z.record(z.string(), KnownSession).default({}),
});
export type StateFile = z.infer<typeof StateFile>;

/** What fits its seal was written by this program: to check ten thousand entries again takes longer than all else. */
const SealedFile = z.custom<StateFile>();
const SEAL = /^\{"seal":"([0-9a-f]{64})",/;
const SEAL_BYTES = 80;

/** A state that knows nothing. */
export function emptyState(url: string): StateFile {
  return { format: FORMAT, url, workspaces: {}, knowledge: {}, sessions: {} };
}

/** A state as the text of its file, with its seal. */
export function stateText(file: StateFile): string {
  const rest = JSON.stringify(file).slice(1);
  return `{"seal":"${sealOf(rest)}",${rest}`;
}

/** The state in a file; undefined when there is none. */
export async function readState(path: string): Promise<StateFile | "damaged" | undefined> {
  const bytes = await unlessMissing(readFile(path));
  if (bytes === undefined) return undefined;
  const [head = "", seal] = SEAL.exec(bytes.toString("latin1", 0, SEAL_BYTES)) ?? [];
  const isSealed = seal !== undefined && sealOf(bytes.subarray(head.length)) === seal;
  const parsed = (isSealed ? SealedFile : StateFile).safeParse(parseJson(bytes.toString("utf8")));
  return parsed.success ? parsed.data : "damaged";
}

/** Another format has other seals. */
function sealOf(rest: string | Buffer): string {
  return createHash("sha256").update(`${FORMAT} `).update(rest).digest("hex");
}
