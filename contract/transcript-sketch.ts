import { parseJson } from "./json.ts";
import type { JsonObject } from "./json.ts";

/** Where a client writes a line's own keys: before its content and after it. */
const EDGE_CHARS = 8192;
/** Of a prompt, before it is cut to what is kept. */
const PROMPT_CHARS = 2000;

const TOP_KEYS = ["type", "sessionId", "agentId", "cwd", "gitBranch", "uuid", "timestamp"];

/**
 * What a line says about itself that is too long to be parsed, because it holds an image, say: found by searching, as
 * the line would be with the content cut down to its first text. Quotes inside texts are escaped, so what looks like
 * a key is one.
 */
export function sketchOf(line: string): JsonObject {
  const edges = `${line.slice(0, EDGE_CHARS)}\n${line.slice(-EDGE_CHARS)}`;
  const top = Object.fromEntries(
    TOP_KEYS.flatMap((key) => {
      const value = textAfter(edges, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const content = line.includes('"tool_result"') ? "" : (textAfter(line, "text") ?? "");
  if (/"payload"\s*:\s*\{/.test(edges)) return { ...top, payload: payloadOf(edges, content) };
  const marks = ["isSidechain", "isMeta", "isCompactSummary"].map((key) => [key, isTrue(edges, key)]);
  return { ...top, ...Object.fromEntries(marks), message: { content } };
}

/** Of Codex only what names a session, and prompts. */
function payloadOf(edges: string, text: string): JsonObject {
  if (/"type"\s*:\s*"session_meta"/.test(edges))
    return { id: textAfter(edges, "id"), cwd: textAfter(edges, "cwd") };
  const isMessage = /"type"\s*:\s*"message"/.test(edges);
  return isMessage
    ? { type: "message", role: textAfter(edges, "role"), content: [{ type: "input_text", text }] }
    : {};
}

/** The beginning of the first text under `key`. */
function textAfter(line: string, key: string): string | undefined {
  const start = line.indexOf(`"${key}":`);
  if (start === -1) return undefined;
  const rest = line.slice(start + key.length + 3, start + key.length + 3 + PROMPT_CHARS);
  const text = /^\s*"((?:[^"\\]|\\(?:u[0-9a-fA-F]{4}|[^u]))*)/.exec(rest)?.[1];
  const value = text === undefined ? undefined : parseJson(`"${text}"`);
  return typeof value === "string" && value !== "" ? value : undefined;
}

function isTrue(text: string, key: string): boolean {
  return new RegExp(`"${key}"\\s*:\\s*true`).test(text);
}
