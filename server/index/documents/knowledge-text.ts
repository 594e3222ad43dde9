import { wordsOf } from "../../../contract/memory-prefix.ts";
import { maskSecrets } from "../../../contract/secrets.ts";
import { headingOf } from "../../knowledge/document.ts";
import { fold } from "../text/fold.ts";
import { FIELD, levelMark } from "../text/levels.ts";
import { termsOf } from "../text/terms.ts";
import type { GramCollector } from "../text/grams.ts";

/** What the index takes of a knowledge file or overview. */
export interface IndexedText {
  /** Each once, and once more with the mark of its level, divided by blanks. */
  terms: string;
  /** Of the text and, for phrases may stand there too, of the path. */
  grams: string;
}

/** An overview's path ("") says nothing about it. */
export function indexedText(path: string, bytes: Buffer, grams: GramCollector): IndexedText {
  const text = maskSecrets(bytes.toString("utf8"));
  const counts = new TermCounts();
  counts.add(wordsOf(path), FIELD.path);
  for (const line of text.split("\n")) {
    const heading = headingOf(line);
    if (heading === undefined) counts.add(line, FIELD.body);
    else counts.add(heading, FIELD.heading);
  }
  for (const each of [text, path]) grams.add(fold(each));
  return { terms: counts.marked(), grams: grams.take() };
}

/** How often each term stands in a text, by what its places count for. */
class TermCounts {
  readonly #counts = new Map<string, number>();
  #length = 0;

  add(text: string, weight: number): void {
    for (const term of termsOf(text)) {
      this.#counts.set(term, (this.#counts.get(term) ?? 0) + weight);
      this.#length += 1;
    }
  }

  marked(): string {
    const marked: string[] = [];
    for (const [term, count] of this.#counts) {
      const mark = levelMark(count, this.#length);
      marked.push(mark === "" ? term : `${term} ${mark}${term}`);
    }
    return marked.join(" ");
  }
}
