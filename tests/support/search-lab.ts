import type * as z from "zod";
import {
  KnowledgeAnswer,
  KnowledgeQuery,
  SessionAnswer,
  SessionQuery,
  type KnowledgeHit,
  type SessionHit,
} from "../../contract/search.ts";
import type { Search } from "../../server/search/search.ts";
import { SearchMemory } from "./search-memory.ts";

/** Opens what is under test over a memory that is already there. */
export type OpenSearch = (memory: SearchMemory, options?: { timeMs?: number }) => Promise<Search>;

export const LAPTOP = "laptop-claude-webshop";
export const DESKTOP = "desktop-codex-webshop";
/** Where it is not about time, a busy machine may take all it needs. */
const PATIENT_MS = 60_000;

/** A search over a small memory, asked as a gate would ask it. */
class SearchLab implements AsyncDisposable {
  readonly memory: SearchMemory;
  readonly search: Search;
  readonly #ids: readonly string[];

  constructor(memory: SearchMemory, search: Search, ids: readonly string[]) {
    this.memory = memory;
    this.search = search;
    this.#ids = ids;
  }

  get workspaces() {
    return this.#ids.map((id) => this.memory.workspace(id));
  }

  async knowledge(input: z.input<typeof KnowledgeQuery>): Promise<KnowledgeAnswer> {
    return KnowledgeAnswer.parse(await this.search.knowledge(KnowledgeQuery.parse(input), this.workspaces));
  }

  async sessions(input: z.input<typeof SessionQuery>): Promise<SessionAnswer> {
    return SessionAnswer.parse(await this.search.sessions(SessionQuery.parse(input), this.workspaces));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.search.close();
    await this.memory[Symbol.asyncDispose]();
  }
}

/** Fills a memory and opens the search under test over it. */
export async function searchLab(
  open: OpenSearch,
  fill: (memory: SearchMemory) => Promise<void>,
  options: { timeMs?: number; ids?: readonly string[] } = {},
): Promise<SearchLab> {
  const memory = await SearchMemory.make();
  await fill(memory);
  const { timeMs = PATIENT_MS, ids = [LAPTOP, DESKTOP] } = options;
  return new SearchLab(memory, await open(memory, { timeMs }), ids);
}

/** Every hit of a query, page after page. */
export async function walk<Hit>(
  ask: (cursor: string | undefined) => Promise<{ hits: Hit[]; next_cursor?: string | undefined }>,
): Promise<Hit[]> {
  const hits: Hit[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    hits.push(...page.hits);
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return hits;
}

/** Where a hit is, in short. */
export const placeOf = ({ path, line }: KnowledgeHit) => `${path}:${line}`;
/** Where a hit is, in short. */
export const lineOf = ({ session_id, line }: SessionHit) => `${session_id}:${line}`;
