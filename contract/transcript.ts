import { claudeTurns } from "./transcript-claude.ts";
import { codexTurns } from "./transcript-codex.ts";
import { isObject, type JsonObject } from "./json.ts";
import { parseObject } from "./transcript-json.ts";
import type { Turn } from "./transcript-turn.ts";

export type { Turn } from "./transcript-turn.ts";
export { FactsCollector, type TranscriptFacts } from "./transcript-facts.ts";

/**
 * What one JSONL line of a Claude Code or Codex transcript, of any version, adds to the conversation: none, one or
 * several turns. Unknown kinds, bookkeeping and broken lines give none; it never throws.
 */
export function readTurns(line: string): Turn[] {
  const parsed = parseObject(line);
  if (parsed === undefined) return [];
  try {
    return isCodexLine(parsed) ? codexTurns(parsed) : claudeTurns(parsed);
  } catch (error) {
    // Content nested deeper than the stack reaches is nobody's conversation.
    if (error instanceof RangeError) return [];
    throw error;
  }
}

/** Codex wraps everything in `payload`; its oldest rollouts hold bare items, which Claude Code never writes. */
function isCodexLine(line: JsonObject): boolean {
  return isObject(line["payload"]) || (line["message"] === undefined && BARE_ITEMS.has(String(line["type"])));
}

const BARE_ITEMS = new Set([
  "message",
  "reasoning",
  "function_call",
  "function_call_output",
  "local_shell_call",
  "custom_tool_call",
  "custom_tool_call_output",
]);
