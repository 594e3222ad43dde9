import { expect, it } from "vitest";
import { KnowledgeQuery, SessionQuery } from "../../contract/search.ts";
import { SearchEngine } from "../../server/search/engine.ts";
import type { Search } from "../../server/search/search.ts";
import { BuiltIndex } from "../support/built-index.ts";
import { QuestionAuthor } from "../support/question-author.ts";
import { SearchMemory, type Said } from "../support/search-memory.ts";

const WORKSPACES = ["laptop-claude-webshop", "desktop-codex-webshop", "desktop-claude-notes"];
const BREAKS = [" ", " ", "\n", "\n\n", ", ", "\r\n"];
const CORPORA = 4;
const QUESTIONS = 30;
const FILES = 30;
const SESSIONS = 12;
/** Longer than a chunk, so that a session has several passages. */
const LONG_WORDS = 20_000;
const MOST_PAGES = 12;
const PATIENT_MS = 60_000;

/** A memory with made-up documents; gives all their texts. */
async function fill(memory: SearchMemory, author: QuestionAuthor): Promise<string[]> {
  const texts: string[] = [];
  for (let file = 0; file < FILES; file += 1) {
    const text = author.text(60, BREAKS);
    await memory.knowledge(
      author.pick(WORKSPACES),
      `${file % 3 === 0 ? "/memories/" : ""}${file}.md`,
      text,
      dayOf(author.below(9)),
    );
    texts.push(text);
  }
  for (let session = 0; session < SESSIONS; session += 1) {
    const said = Array.from({ length: 1 + author.below(12) }, (_, line): Said => {
      const text = author.text(session === 0 && line === 0 ? LONG_WORDS : 80, BREAKS);
      return { role: author.pick(["user", "assistant", "tool_result"]), text, time: dayOf(author.below(9)) };
    });
    await memory.session(author.pick(WORKSPACES), `s${session}`, dayOf(author.below(5)), said);
    texts.push(...said.map(({ text }) => text));
  }
  return texts;
}

function dayOf(day: number): string {
  return `2026-10-0${day + 1}T00:00:00.000Z`;
}

interface Asked {
  query: string;
  mode: "literal" | "regex";
  limit: number;
  after?: string;
}

/** The first pages of an answer, one after the other, as they are; or why there is none. */
async function pagesOf(search: Search, memory: SearchMemory, kind: "knowledge" | "sessions", asked: Asked) {
  const workspaces = WORKSPACES.map((id) => memory.workspace(id));
  const pages: object[] = [];
  let cursor: string | undefined;
  try {
    do {
      const page =
        kind === "knowledge"
          ? await search.knowledge(KnowledgeQuery.parse({ ...asked, cursor }), workspaces)
          : await search.sessions(SessionQuery.parse({ ...asked, cursor }), workspaces);
      pages.push(page);
      cursor = page.next_cursor;
    } while (cursor !== undefined && pages.length < MOST_PAGES);
    return pages;
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

function questionFrom(author: QuestionAuthor, texts: readonly string[]): Asked {
  const mode = author.pick(["literal", "literal", "regex"] as const);
  const text = author.pick(texts);
  const query = mode === "literal" ? author.piece(text) : author.expression(text);
  return { query, mode, limit: author.pick([2, 7, 100]), ...(author.below(4) === 0 && { after: dayOf(4) }) };
}

it.each(Array.from({ length: CORPORA }, (_, seed) => seed))(
  "answers literal and regex questions as a search that reads everything (%i)",
  { timeout: 4 * PATIENT_MS },
  async (seed) => {
    await using memory = await SearchMemory.make();
    const author = new QuestionAuthor(seed);
    const texts = await fill(memory, author);
    const index = await BuiltIndex.of(memory, { isIndexed: (name) => seed % 2 === 0 || !name.includes("3") });
    const parts = { root: memory.root, archives: memory.archives, timeMs: PATIENT_MS };
    const reading = new SearchEngine(parts);
    const indexed = new SearchEngine({ ...parts, index });
    let hits = 0;

    for (let question = 0; question < QUESTIONS; question += 1) {
      const asked = questionFrom(author, texts);
      if (!KnowledgeQuery.safeParse(asked).success) continue;
      for (const kind of ["knowledge", "sessions"] as const) {
        const expected = await pagesOf(reading, memory, kind, asked);
        expect({ kind, asked, pages: await pagesOf(indexed, memory, kind, asked) }).toEqual({
          kind,
          asked,
          pages: expected,
        });
        if (Array.isArray(expected)) hits += JSON.stringify(expected).split("anchor").length - 1;
      }
    }

    expect(hits).toBeGreaterThan(QUESTIONS);
    await Promise.all([reading.close(), indexed.close()]);
  },
);
