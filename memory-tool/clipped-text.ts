/** The beginning of a text, at most `chars` UTF-16 units, with `…` where something is left out; never half a character. */
export function clipped(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}
