import { rmSync, utimesSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, it } from "vitest";
import { maskSecrets } from "../../contract/secrets.ts";
import { fold } from "../../server/index/text/fold.ts";
import { IndexStore } from "../../server/index/writer/index-store.ts";
import { requiredLiterals } from "../../server/index/literals/literals.ts";
import { clausesQuery, literalQuery, type RowQuery } from "../../server/index/lookup/row-query.ts";
import { KnowledgeLookup } from "../../server/index/lookup/knowledge.ts";
import { SessionLookup } from "../../server/index/lookup/sessions.ts";
import { comparePlaces, documentKey } from "../../server/index/order.ts";
import { indexFile } from "../../server/index/database/places.ts";
import { QuestionAuthor } from "../support/question-author.ts";
import { SearchMemory } from "../support/search-memory.ts";

const WORKSPACE = "laptop-claude-webshop";
const OTHER = "desktop-codex-webshop";
const AMONG = { workspaces: [WORKSPACE, OTHER] };
const BREAKS = [" ", "\n", ", ", "\r\n", "\t"];
const ALL = 1_000_000;
const EVERYTHING = { among: AMONG, from: undefined, take: ALL };
const WANTED = () => true;

/** Knowledge files that come and go, with their index. */
class Shelf implements Disposable {
  readonly texts = new Map<string, { text: string; timeMs: number }>();
  readonly #root: string;
  readonly #store: IndexStore;

  constructor(root: string) {
    this.#root = root;
    this.#store = new IndexStore(root);
    this.#store.open();
  }

  put(workspaceId: string, path: string, text: string, timeMs: number): void {
    const file = join(this.#root, "workspaces", workspaceId, "knowledge", path);
    mkdirSync(join(file, ".."), { recursive: true });
    writeFileSync(file, text);
    utimesSync(file, timeMs / 1000, timeMs / 1000);
    this.texts.set(`${workspaceId}/${path}`, { text, timeMs });
    this.#look(workspaceId, path);
  }

  remove(name: string): void {
    const [workspaceId = "", path = ""] = name.split("/");
    rmSync(join(this.#root, "workspaces", workspaceId, "knowledge", path));
    this.texts.delete(name);
    this.#look(workspaceId, path);
  }

  /** Names of files with such a text, in the order of answers. */
  namesOf(holds: (text: string) => boolean): string[] {
    return [...this.texts]
      .filter(([, { text }]) => holds(fold(maskSecrets(text))))
      .map(([name, { timeMs }]) => {
        const [workspaceId = "", path = ""] = name.split("/");
        return { name, timeMs, key: documentKey(workspaceId, path) };
      })
      .sort(comparePlaces)
      .map(({ name }) => name);
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }

  #look(workspaceId: string, path: string): void {
    this.#store.knowledge.write().look({ workspaceId, path });
    this.#store.commit();
  }
}

/** The query, and each of its expressions alone: where few rows match one of them, the other is not asked. */
function partsOf({ grams, words }: RowQuery): RowQuery[] {
  const parts = [{ grams }, { words }].filter((part) => Object.values(part)[0] !== undefined);
  return [{ grams, words }, ...parts];
}

const nameOf = ({ workspaceId, path }: { workspaceId: string; path: string }) => `${workspaceId}/${path}`;

it("names every file that holds a literal, newest first, through all changes", async () => {
  await using memory = await SearchMemory.make();
  using shelf = new Shelf(memory.root);
  using database = new DatabaseSync(indexFile(memory.root, "knowledge"), { readOnly: true });
  const lookup = new KnowledgeLookup(database);
  const author = new QuestionAuthor(1);
  let asked = 0;

  for (let step = 0; step < 300; step += 1) {
    const name = `${author.below(25)}.md`;
    if (step % 5 === 4) shelf.remove(author.pick([...shelf.texts.keys()]));
    else shelf.put(author.pick([WORKSPACE, OTHER]), name, author.text(40, BREAKS), 1e12 + author.below(4));
    const { text } = author.pick([...shelf.texts.values()]);
    const needle = fold(maskSecrets(author.piece(text)));
    const query = literalQuery([needle], "knowledge");
    if (query === undefined) continue;
    const expected = shelf.namesOf((folded) => folded.includes(needle));
    for (const part of partsOf(query)) {
      const { found, documents } = lookup.newest({ query: part, ...EVERYTHING }, WANTED);
      const names = found.map(nameOf);

      expect({ needle, part, names: names.filter((each) => expected.includes(each)) }).toEqual({
        needle,
        part,
        names: expected,
      });
      expect(names).toEqual(shelf.namesOf(() => true).filter((each) => names.includes(each)));
      expect(documents).toBe(shelf.texts.size);
    }
    asked += 1;
  }

  expect(asked).toBeGreaterThan(150);
});

it("names files in parts as it names them at once", async () => {
  await using memory = await SearchMemory.make();
  using shelf = new Shelf(memory.root);
  for (let file = 0; file < 40; file += 1)
    shelf.put(file % 2 === 0 ? WORKSPACE : OTHER, `${file}.md`, "needle", 1e12 + (file % 3));
  using database = new DatabaseSync(indexFile(memory.root, "knowledge"), { readOnly: true });
  const lookup = new KnowledgeLookup(database);
  const query = literalQuery(["needle"], "knowledge") ?? {};

  const names: string[] = [];
  for (let from: ReturnType<typeof lookup.newest>["next"], more = true; more;) {
    const part = lookup.newest({ query, among: AMONG, from, take: 7 }, (path) => path !== "7.md");
    names.push(...part.found.map(nameOf));
    from = part.next;
    more = from !== undefined;
  }

  expect(names).toEqual(shelf.namesOf(() => true).filter((name) => !name.endsWith("/7.md")));
});

it("chooses the files that are most about a word, not the newest, of more than it takes", async () => {
  await using memory = await SearchMemory.make();
  using shelf = new Shelf(memory.root);
  const filler = "other words of all kinds ".repeat(60);
  for (let file = 0; file < 40; file += 1)
    shelf.put(WORKSPACE, `passing-${file}.md`, `${filler}\nfalcon\n`, 1e12 + 1000 + file);
  shelf.put(WORKSPACE, "falcon.md", `${filler}\n`, 1e12);
  shelf.put(WORKSPACE, "heading.md", `# Falcon\n${filler}\n`, 1e12);
  shelf.put(WORKSPACE, "often.md", `${"falcon ".repeat(20)}${filler}\n`, 1e12);
  shelf.put(WORKSPACE, "short.md", "falcon\n", 1e12);
  using database = new DatabaseSync(indexFile(memory.root, "knowledge"), { readOnly: true });

  const { found, more } = new KnowledgeLookup(database).best(
    {
      terms: [{ term: "falcon", isBeginning: false, weight: 1 }],
      also: [],
      among: AMONG,
      skip: 0,
      take: 4,
    },
    WANTED,
  );

  expect(found.map(({ path }) => path).sort()).toEqual(["falcon.md", "heading.md", "often.md", "short.md"]);
  expect(more).toBe(true);
});

it("narrows to workspaces and to the time a file was modified", async () => {
  await using memory = await SearchMemory.make();
  using shelf = new Shelf(memory.root);
  for (const [place, workspaceId] of [WORKSPACE, OTHER, WORKSPACE].entries())
    shelf.put(workspaceId, `${place}.md`, "needle", 1e12 + place);
  using database = new DatabaseSync(indexFile(memory.root, "knowledge"), { readOnly: true });
  const lookup = new KnowledgeLookup(database);
  const namesIn = (among: { workspaces: string[]; afterMs?: number; beforeMs?: number }) => {
    const query = literalQuery(["needle"], "knowledge") ?? {};
    const { found, documents } = lookup.newest({ query, among, from: undefined, take: ALL }, WANTED);
    const term = { term: "needl", isBeginning: false, weight: 1 };
    const best = lookup.best({ terms: [term], also: [], among, skip: 0, take: ALL }, WANTED);
    expect(best.found.map(nameOf).sort()).toEqual(found.map(nameOf).sort());
    expect([documents, best.figures]).toEqual([
      found.length,
      { passages: found.length, holding: [found.length] },
    ]);
    return found.map(({ path }) => path);
  };

  expect(namesIn({ workspaces: [WORKSPACE] })).toEqual(["2.md", "0.md"]);
  expect(namesIn({ workspaces: [WORKSPACE, OTHER], afterMs: 1e12 + 1 })).toEqual(["2.md", "1.md"]);
  expect(namesIn({ workspaces: [WORKSPACE, OTHER], beforeMs: 1e12 + 1 })).toEqual(["0.md"]);
  expect(namesIn({ workspaces: ["unheard-of-x"] })).toEqual([]);
});

it("names the lines of sessions that hold a literal or match an expression", async () => {
  await using memory = await SearchMemory.make();
  const author = new QuestionAuthor(2);
  const texts: string[] = [];
  using store = new IndexStore(memory.root);
  store.open();
  for (let session = 0; session < 12; session += 1) {
    const text = author.text(session === 0 ? 30_000 : 60, BREAKS);
    const said = [text, author.text(60, BREAKS), text.slice(0, 50)];
    await memory.session(
      WORKSPACE,
      `s${session}`,
      "2026-10-01T00:00:00Z",
      said.map((each) => ({ role: "user", text: each })),
    );
    texts.push(...said);
  }
  const archives = new Map<number, string>();
  for (const archive of await memory.archives(WORKSPACE)) {
    const putting = store.sessions.write().put(archive);
    let step = await putting.next();
    while (step.done !== true) step = await putting.next();
    if (step.value.state === "held") archives.set(step.value.id, archive.sessionId);
  }
  store.commit();
  using database = new DatabaseSync(indexFile(memory.root, "sessions"), { readOnly: true });
  const lookup = new SessionLookup(database);
  let asked = 0;

  for (let question = 0; question < 300; question += 1) {
    const text = author.pick(texts);
    const needle = fold(maskSecrets(author.piece(text)));
    const clauses = requiredLiterals(author.expression(text));
    const query = question % 2 === 0 ? literalQuery([needle], "sessions") : clauses && clausesQuery(clauses);
    if (query === undefined) continue;
    const holds = (folded: string) =>
      question % 2 === 0
        ? folded.includes(needle)
        : (clauses ?? []).every((clause) => clause.some((literal) => folded.includes(literal)));

    for (const part of partsOf(query)) {
      const { found } = lookup.newest({ query: part, ...EVERYTHING }, {});

      const named = found.flatMap(({ id, ranges }) =>
        ranges.map(([first, last]) => ({ id: archives.get(id), first, last })),
      );
      for (const [place, each] of texts.entries()) {
        if (!holds(fold(maskSecrets(each)))) continue;
        const [id, line] = [`s${Math.floor(place / 3)}`, (place % 3) + 1];
        const isNamed = named.some((range) => range.id === id && range.first <= line && line <= range.last);
        expect({ needle, part, id, line, isNamed }).toEqual({ needle, part, id, line, isNamed: true });
      }
    }
    asked += 1;
  }

  expect(asked).toBeGreaterThan(150);
});
