import { maskSecrets } from "../../contract/secrets.ts";
import type { Pace } from "./pace.ts";

const PIECE_BYTES = 64 * 1024;
/** More than any secret of ours has: what is shown is masked as if all of the text were there. */
const MARGIN_CHARS = 4096;

/** Part of a text. Positions count UTF-16 units. */
export interface TextWindow {
  text: string;
  /** There is more text behind it. */
  goesOn: boolean;
}

/**
 * At most `chars` characters of a text in UTF-8, from the character `from` on, with our own secrets masked. However
 * long the text is, little of it is held as a string, and other requests get their turn.
 */
export async function windowOf(
  data: Buffer,
  { from, chars }: { from: number; chars: number },
  pace: Pace,
): Promise<TextWindow> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const first = Math.max(0, from - MARGIN_CHARS);
  let [text, position] = ["", 0];
  for (let start = 0; start < data.length; start += PIECE_BYTES) {
    const stream = start + PIECE_BYTES < data.length;
    const piece = decoder.decode(data.subarray(start, start + PIECE_BYTES), { stream });
    text += piece.slice(Math.max(0, first - position));
    position += piece.length;
    if (position > from + chars + MARGIN_CHARS) break;
    await pace.rest();
  }
  const shown = maskSecrets(text).slice(from - first);
  return { text: shown.slice(0, chars), goesOn: shown.length > chars };
}
