import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { parseJson } from "../../contract/json.ts";
import { stringEdit, type Edit } from "../json/edits.ts";
import { isList, itemsOf, memberAt, textAt, typeAt, type Span } from "../json/json-spans.ts";

const Patch = z.strictObject({
  find: z.string().describe("The text to look for, as it is; an empty one is passed over"),
  replace: z.string(),
  required: z.boolean().default(false).describe("Refuse requests whose system prompt has no such text"),
});
/** One text of system prompts that is to be another one. */
export type Patch = z.infer<typeof Patch>;

const PatchFile = z.strictObject({ replacements: z.array(Patch) });

/** Programs that run on the Agent SDK have prompts of their own: nothing is patched in them. */
const AGENT_SDK = "You are a Claude agent, built on Anthropic's Claude Agent SDK";
const SHOWN_CHARS = 50;

/** A required patch whose text is nowhere in the system prompt: the request must not be sent. */
export class PatchError extends Error {
  override readonly name = "PatchError";

  constructor({ find }: Patch) {
    super(`Required system prompt patch failed: ${find.slice(0, SHOWN_CHARS)}`);
  }
}

/** The patches that a file's text holds, in their order. Throws `invalid_input` for what is no such file. */
export function readPatches(text: string): readonly Patch[] {
  const { success, data, error } = PatchFile.safeParse(parseJson(text));
  if (success) return data.replacements.filter(({ find }) => find !== "");
  throw new AppError("invalid_input", `No file of patches: ${z.prettifyError(error)}`, {
    hint: 'It looks like {"replacements": [{"find": "…", "replace": "…", "required": false}]}.',
  });
}

/**
 * What the patches change in `system`: every occurrence in every text block of a list, one patch after the other; a prompt that
 * is a string stays as it is. Throws PatchError.
 */
export function patchEdits(bytes: Buffer, system: Span, patches: readonly Patch[]): Edit[] {
  if (!isList(bytes, system)) return [];
  const blocks = [...itemsOf(bytes, system)].flatMap((block) => textBlock(bytes, block) ?? []);
  if (blocks.some(({ text }) => text.startsWith(AGENT_SDK))) return [];
  const texts = patches.reduce(
    patched,
    blocks.map(({ text }) => text),
  );
  return blocks.flatMap(({ span, text }, index) => {
    const now = texts[index] ?? text;
    return now === text ? [] : [stringEdit(span, now)];
  });
}

function patched(texts: readonly string[], patch: Patch): readonly string[] {
  const { find, replace, required } = patch;
  if (required && !texts.some((text) => text.includes(find))) throw new PatchError(patch);
  return texts.map((text) => text.replaceAll(find, () => replace));
}

function textBlock(bytes: Buffer, block: Span): { span: Span; text: string } | undefined {
  const span = typeAt(bytes, block) === "text" ? memberAt(bytes, block, "text") : undefined;
  const text = span && textAt(bytes, span);
  return span === undefined || text === undefined ? undefined : { span, text };
}
