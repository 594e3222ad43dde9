import { describe, expect, it } from "vitest";
import { parseAnchor } from "../../contract/anchor.ts";
import { SessionId, WorkspaceId } from "../../contract/ids.ts";
import { slugify } from "../../contract/names.ts";
import { pathFault } from "../../contract/path-fault.ts";
import { formatQuery } from "../../contract/query-format.ts";
import { parseQuery } from "../../contract/query-language.ts";
import { KnowledgeQuery } from "../../contract/search.ts";
import { presentable } from "../../contract/secrets.ts";
import { FactsCollector, readTurns } from "../../contract/transcript.ts";
import { firstParagraph } from "../../server/access/summary.ts";
import { headingOf, titleOf } from "../../server/knowledge/document.ts";
import { snippet } from "../../server/search/words/snippet.ts";
import { meets } from "../../server/search/query/conditions.ts";
import { pathFits, textFits } from "../../server/search/query/file-filter.ts";
import { understand } from "../../server/search/query/query.ts";
import { parseArchiveName } from "../../server/storage/layout.ts";
import { memoryPathOf } from "../../memory-tool/path.ts";
import { parseTime } from "../../contract/time.ts";

const LENGTH = 100_000;

/** Texts that a matcher with more than one way through them would try in more ways than anybody can wait for. */
const TEXTS = [
  "# a",
  "#",
  '"',
  "x -a",
  "x file:",
  "##",
  "fmai_",
  "2026-01-01T00:00:00",
  '"timestamp":',
  "memory://",
].flatMap((start) =>
  [" ", "\t", "#", "# ", "-", ".", "a", "0", '"', "\\", "<", "(?i", "\n", "\u2028", ".r1", "----\n"].map(
    (part) => ({
      name: JSON.stringify(`${start}${part}…`),
      text: `${start}${part.repeat(LENGTH / part.length)}x`,
    }),
  ),
);

const ANY_QUERY = KnowledgeQuery.parse({ query: "x" });

/** Whatever reads text that others wrote. */
const READERS: Record<string, (text: string) => unknown> = {
  titleOf: (text) => titleOf(Buffer.from(text), "a.md"),
  headingOf,
  firstParagraph,
  presentable,
  slugify,
  pathFault,
  memoryPathOf: (text) => memoryPathOf(`/memories/${text}`),
  parseAnchor,
  parseArchiveName,
  snippet: (text) => snippet(text, text.length / 2),
  turns: (text) => readTurns(JSON.stringify({ type: "user", message: { role: "user", content: text } })),
  brokenTurns: readTurns,
  facts: (text) => {
    const facts = new FactsCollector();
    facts.add(text);
    facts.add(JSON.stringify({ type: "user", sessionId: "s", message: { role: "user", content: text } }));
    return facts.facts();
  },
  ids: (text) => [WorkspaceId, SessionId].map((id) => id.safeParse(text).success),
  time: (text) => refusalOf(() => parseTime("after", text)),
  query: (text) => refusalOf(() => formatQuery(parseQuery(text))),
  conditions: (text) =>
    meets([text], { phrases: [text.slice(0, LENGTH / 2)], excluded: [{ text: text.slice(1) }] }),
  fileNames: (text) => {
    const names = { only: [text.slice(0, LENGTH / 2), `*${text.slice(0, 200)}*x`], not: ["*a*b*c*0*#*z"] };
    return [textFits(text, names), pathFits(text, names)];
  },
  patterns: (text) =>
    (["ranked", "literal", "regex"] as const).map((mode) =>
      refusalOf(() => understand({ ...ANY_QUERY, query: text, mode }, "knowledge")),
    ),
};

// Without a clock: what takes more than linear time does not come to an end here.
describe.each(Object.entries(READERS))("%s", (_, read) => {
  it("takes linear time", () => {
    for (const { name, text } of TEXTS) expect(() => read(text), name).not.toThrow();
  });
});

function refusalOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    if (error instanceof Error && "code" in error) return error.code;
    throw error;
  }
}
