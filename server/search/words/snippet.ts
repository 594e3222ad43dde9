import { LIMITS } from "../../../contract/limits.ts";
import { showInvisible } from "../../../contract/secrets.ts";

/** A piece of text of at most `LIMITS.search.snippetChars` around `[start, end)`, on one line, with what it hides shown. */
export function snippet(text: string, start: number, end = start): string {
  const room = LIMITS.search.snippetChars - 2;
  const spare = Math.max(0, room - (end - start));
  const from = wholeCharacter(text, Math.max(0, Math.min(start - Math.floor(spare / 3), text.length - room)));
  const to = wholeCharacter(text, Math.min(text.length, from + room));
  const cut = text.slice(from, to).replaceAll(/\s+/gu, " ").trim();
  const shown = showInvisible(cut).toWellFormed();
  const body = shown.slice(0, wholeCharacter(shown, room));
  return `${from > 0 ? "…" : ""}${body}${to < text.length || body.length < shown.length ? "…" : ""}`;
}

/** The index itself, or one less where it would cut a surrogate pair in two. */
function wholeCharacter(text: string, index: number): number {
  const code = text.charCodeAt(index);
  return index > 0 && code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}
