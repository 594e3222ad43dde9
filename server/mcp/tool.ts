import type { CallToolResult, Tool as ListedTool } from "@modelcontextprotocol/server";
import type * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import type { Role } from "../../contract/wire.ts";
import type { MemoryAnswer } from "../../memory-tool/run.ts";
import { jsonSchemaOf, type ObjectSchema } from "./json-schema.ts";
import { type Access, type Call, OPEN, type OpenedFor, type OpeningArguments, ROLES_OF } from "./opening.ts";
import { memoryResult, parseArguments, structuredResult, textResult } from "./result.ts";
import type { StoredText } from "./stored-text.ts";

/** What a tool may know of the call besides its arguments. */
export interface Circumstances {
  role: Role;
  signal: AbortSignal;
  /** From `X-Workspace-Token`: proof that registers a workspace once more. */
  writeToken: string | undefined;
}

/** Honest claims about a tool; silence would mean destructive and open to the world. */
interface Effects {
  readOnlyHint: boolean;
  /** Overwrites or deletes what can be read now (versions stay readable). */
  destructiveHint: boolean;
  /** Calling again with the same arguments changes nothing more. */
  idempotentHint: boolean;
}

export const READS: Effects = { readOnlyHint: true, destructiveHint: false, idempotentHint: true };
export const ADDS: Effects = { readOnlyHint: false, destructiveHint: false, idempotentHint: true };
export const REPLACES: Effects = { readOnlyHint: false, destructiveHint: true, idempotentHint: true };
export const EDITS: Effects = { readOnlyHint: false, destructiveHint: true, idempotentHint: false };

/** What clients are told about a tool. */
interface Presentation {
  name: string;
  title: string;
  /** Under 400 characters; the first words are what searches for tools find. */
  description: string;
  effects: Effects;
  /** Whether clients that load tools on demand should load this one from the start. */
  alwaysLoad?: boolean;
}

interface Definition<A extends Access, I extends z.ZodType<OpeningArguments[A]>, R> extends Presentation {
  access: A;
  input: I;
  run(given: z.output<I>, opened: OpenedFor[A], circumstances: Circumstances): Promise<R>;
}

/** A tool as the endpoint sees it. */
export interface Tool {
  readonly name: string;
  readonly roles: readonly Role[];
  /** Its entry in `tools/list`. */
  readonly listed: ListedTool;
  /** Throws `AppError` for what the caller can act on. */
  call(given: unknown, call: Call): Promise<CallToolResult>;
}

/**
 * A tool that gives stored text, as text only. Its access decides who may call it and what `run` gets opened: a
 * tool that reads holds nothing it could write with.
 */
export function defineTextTool<A extends Access, I extends z.ZodType<OpeningArguments[A]>>(
  definition: Definition<A, I, StoredText>,
): Tool {
  return toolOf(definition, undefined, textResult);
}

/** A tool that answers in texts of its own, or with an image. */
export function defineContentTool<A extends Access, I extends z.ZodType<OpeningArguments[A]>>(
  definition: Definition<A, I, MemoryAnswer>,
): Tool {
  return toolOf(definition, undefined, memoryResult);
}

/** A tool that gives structured content of the schema `output`. */
export function defineTool<
  A extends Access,
  I extends z.ZodType<OpeningArguments[A]>,
  O extends z.ZodType<Record<string, unknown>>,
>(definition: Definition<A, I, z.input<O>> & { output: O }): Tool {
  const { output } = definition;
  return toolOf(definition, jsonSchemaOf(output, "output"), (answer) =>
    structuredResult(output.parse(answer)),
  );
}

function toolOf<A extends Access, I extends z.ZodType<OpeningArguments[A]>, R>(
  definition: Definition<A, I, R>,
  outputSchema: ObjectSchema | undefined,
  render: (answer: R) => CallToolResult,
): Tool {
  const { name, access, input } = definition;
  const roles = ROLES_OF[access];
  const inputSchema = jsonSchemaOf(input, "input");
  const hint = `${name} takes: ${Object.keys(Object(inputSchema["properties"])).join(", ")}`;
  return {
    name,
    roles,
    listed: listedTool(definition, inputSchema, outputSchema),
    async call(given, call) {
      if (!roles.includes(call.principal.role)) throw wrongRole(name, roles, call.principal.role);
      const parsed = parseArguments(input, given, hint);
      const opened = OPEN[access](call, parsed);
      return render(await definition.run(parsed, opened, circumstancesOf(call)));
    },
  };
}

function listedTool(
  { name, title, description, effects, alwaysLoad = false }: Presentation,
  inputSchema: ObjectSchema,
  outputSchema: ObjectSchema | undefined,
): ListedTool {
  return {
    name,
    title,
    description,
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
    annotations: { ...effects, openWorldHint: false },
    ...(alwaysLoad && { _meta: { "anthropic/alwaysLoad": true } }),
  };
}

function circumstancesOf({ principal, signal, header }: Call): Circumstances {
  return { role: principal.role, signal, writeToken: header("x-workspace-token") };
}

function wrongRole(name: string, roles: readonly Role[], role: Role): AppError {
  return new AppError(
    "forbidden",
    `${name} needs a token of the role ${roles.join(" or ")}; this one is ${role}`,
    {
      hint: "tools/list shows the tools of this token",
    },
  );
}
