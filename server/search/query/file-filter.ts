import type { Choice } from "../../../contract/query-language.ts";
import { fold } from "../../index/text/fold.ts";

/**
 * Names of files as `file:` gives them, folded, with `/` between folders. A name is found where it stands, also inside
 * of a longer one; `*` stands for anything but blanks.
 */
export function foldNames({ only, not }: Choice): Choice {
  return { only: only.map(foldName), not: not.map(foldName) };
}

/** Whether this path is one that was asked for. */
export function pathFits(path: string, names: Choice): boolean {
  const folded = foldName(path);
  return fits(names, (name) => holdsInOrder(folded, name.split("*")));
}

/** Whether this text names a file that was asked for, and none that was not to be. */
export function textFits(text: string, names: Choice): boolean {
  const folded = foldName(text);
  return fits(names, (name) => {
    if (!name.includes("*")) return folded.includes(name);
    const pieces = name.split("*");
    return folded.split(/\s+/).some((word) => holdsInOrder(word, pieces));
  });
}

function fits({ only, not }: Choice, holds: (name: string) => boolean): boolean {
  return (only.length === 0 || only.some(holds)) && !not.some(holds);
}

/** Windows writes `src\app.ts` for the same file. */
function foldName(text: string): string {
  return fold(text).replaceAll("\\", "/");
}

function holdsInOrder(text: string, pieces: readonly string[]): boolean {
  let from = 0;
  for (const piece of pieces) {
    const at = text.indexOf(piece, from);
    if (at === -1) return false;
    from = at + piece.length;
  }
  return true;
}
