import type { CallToolResult } from "@modelcontextprotocol/server";
import type * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import { maskSecrets, showInvisible } from "../../contract/secrets.ts";
import type { MemoryAnswer } from "../../memory-tool/run.ts";
import { fenced, type StoredText } from "./stored-text.ts";

/** A read tool's answer is text alone: clients that find structured content hide the text from the model. */
export function textResult(stored: StoredText): CallToolResult {
  return { content: [{ type: "text", text: fenced(stored) }] };
}

/** The whole answer as structured content, and the same as text for clients that show only text. */
export function structuredResult(value: Record<string, unknown>): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(value) }], structuredContent: value };
}

/** What the memory tool says by itself, its failures too: its texts are a contract, so no mark is put around them. */
export function memoryResult(answer: MemoryAnswer): CallToolResult {
  if ("image" in answer) return { content: [{ type: "image", ...answer.image }] };
  const { text, isError } = answer;
  return { content: [{ type: "text", text }], ...(isError && { isError }) };
}

/** A failure the model can act on: `code: message`, then the hint and the facts, one per line. */
export function errorResult(error: AppError): CallToolResult {
  return failure(describeError(error));
}

/** A failure that is a bug: nothing about it leaves the server but the id under which it was logged. */
export function internalResult(requestId: string): CallToolResult {
  return failure(internalMessage(requestId));
}

export function describeError(error: AppError): string {
  const lines = [`${error.code}: ${error.message}`];
  if (error.hint !== undefined) lines.push(error.hint);
  for (const [name, value] of Object.entries(error.details ?? {})) lines.push(`${name}: ${value}`);
  return showInvisible(clip(lines.join("\n"), LIMITS.answer.errorChars));
}

export function internalMessage(requestId: string): string {
  return `internal: the server failed; nothing is known to have changed. Ask its owner about request ${requestId}`;
}

/** Parses what a caller sent. Throws `invalid_input` that names each wrong argument. */
export function parseArguments<S extends z.ZodType>(schema: S, given: unknown, hint: string): z.output<S> {
  const parsed = schema.safeParse(given ?? {});
  if (parsed.success) return parsed.data;
  throw new AppError("invalid_input", parsed.error.issues.map(describeIssue).join("; "), { hint });
}

function describeIssue(issue: z.core.$ZodIssue): string {
  const place = issue.path.map(String).join(".");
  const fault = place === "" ? issue.message : `${place}: ${issue.message}`;
  return clip(maskSecrets(fault), LIMITS.answer.faultChars);
}

function failure(text: string): CallToolResult {
  return { content: [{ type: "text", text }], isError: true };
}

function clip(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars)}…`;
}
