import { isAbsolute } from "node:path";
import { parseJson } from "../../contract/json.ts";

/** Events after which a transcript is worth saving; both clients use these names. */
const SAVING: ReadonlySet<string> = new Set(["SessionEnd", "Stop", "SubagentStop", "PreCompact"]);
/** The event at which what was missed is made up for: its own transcript is not there yet. */
const STARTING = "SessionStart";

/** What a hook needs of the JSON that a client writes to its stdin. */
export interface HookPayload {
  event: string;
  /** What the event asks for: nothing where it is none that hooks are installed for. */
  wants: "save" | "catch_up" | "nothing";
  /** The transcript to save; absent when the event has none. */
  transcriptPath: string | undefined;
}

/**
 * Reads a payload, as far as it is there: undefined while the text is not yet one whole JSON value. Checked by
 * hand, for hooks must not load a schema library.
 */
export function parsePayload(text: string): HookPayload | undefined {
  // Parsing the growing text at every chunk would cost the square of its length.
  if (!text.trimEnd().endsWith("}")) return undefined;
  const value = parseJson(text);
  if (value === undefined) return undefined;
  const event = textAt(value, "hook_event_name") ?? "";
  if (event === STARTING) return { event, wants: "catch_up", transcriptPath: undefined };
  if (!SAVING.has(event)) return { event, wants: "nothing", transcriptPath: undefined };
  const own = event === "SubagentStop" ? textAt(value, "agent_transcript_path") : undefined;
  const path = own ?? textAt(value, "transcript_path");
  return {
    event,
    wants: "save",
    transcriptPath: path !== undefined && isTranscript(path) ? path : undefined,
  };
}

/** Another file would only become a job that can never be done. */
function isTranscript(path: string): boolean {
  return isAbsolute(path) && /\.jsonl(\.zst)?$/.test(path);
}

function textAt(value: unknown, key: string): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Object.getOwnPropertyDescriptor(value, key)?.value;
  return typeof found === "string" && found !== "" ? found : undefined;
}
