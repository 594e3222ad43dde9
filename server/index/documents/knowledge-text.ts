import { maskSecrets } from "../../../contract/secrets.ts";
import { headingOf } from "../../knowledge/document.ts";
import { fold } from "../text/fold.ts";
import { termsOf } from "../text/terms.ts";
import type { GramCollector } from "../text/grams.ts";

/** What the index takes of a knowledge file or overview: terms in their order, divided by blanks, and grams. */
export interface IndexedText {
  path: string;
  headings: string;
  body: string;
  grams: string;
}

/** An overview's path ("") says nothing about it. */
export function indexedText(path: string, bytes: Buffer, grams: GramCollector): IndexedText {
  const text = maskSecrets(bytes.toString("utf8"));
  const headings: string[] = [];
  const body: string[] = [];
  for (const line of text.split("\n")) {
    const heading = headingOf(line);
    if (heading === undefined) body.push(line);
    else headings.push(heading);
  }
  grams.add(fold(text));
  return {
    path: terms(path.replace(/\.md$/i, "")),
    headings: terms(headings.join("\n")),
    body: terms(body.join("\n")),
    grams: grams.take(),
  };
}

function terms(text: string): string {
  return Array.from(termsOf(text)).join(" ");
}
