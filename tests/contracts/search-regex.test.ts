import fc from "fast-check";
import { expect, it } from "vitest";
import { SessionQuery } from "../../contract/search.ts";
import { SearchEngine } from "../../server/search/engine.ts";
import { matchingRows } from "../../server/search/ripgrep/ripgrep.ts";
import { turnsOfLine } from "../../server/sessions/line-turns.ts";
import { encodeEnd, encodeHeader, SeekableDeflate } from "../../server/storage/seekable-gzip.ts";
import { SearchMemory } from "../support/search-memory.ts";

const WORKSPACE = "laptop-claude-webshop";
const SESSIONS = 3;
const QUERIES = 16;
const RUNS = 15;
const PATIENT_MS = 60_000;
/** Small, so that a session has several chunks. */
const CHUNK_BYTES = 700;

const WORDS =
  'ABCDEFGHI retry TimeOut E1234_TIMEOUT E4711 write_token a"b a\\b c:\\dir 123456789 0x7f-77 \u001b[1m Kelvin\u212a ſecret \
   naïve 向量数据库 テスト 😀 12\u0663\u0664 fmwt_Zq3J8c0dWmB5xLr7TnVh2yKs9PfA1GeU Error unknown tool mcp__ABCDEF'.split(
    /\s+/,
  );
const text = fc
  .array(fc.tuple(fc.constantFrom(...WORDS), fc.constantFrom(" ", "", "\n", "\t", "-", "\u00a0")), {
    minLength: 1,
    maxLength: 6,
  })
  .map((pairs) => pairs.flat().join(""));
const number = fc.constantFrom(7, 123_456_789, 1e-7, "JSON:1e9", "JSON:12345678901234567890");

const claude = (type: string, content: unknown, rest: object = {}) => ({
  type,
  message: { role: type, content },
  ...rest,
});
const codex = (payload: object, type = "response_item") => ({ type, payload });
/** Lines as the two clients write them, and as nobody does. */
const entry = fc.oneof(
  text.map((content) => claude("user", content)),
  text.map((content) => claude("user", [{ type: "tool_result", tool_use_id: "t", content }])),
  text.map((thinking) => claude("assistant", [{ type: "thinking", thinking }])),
  fc
    .tuple(text, number)
    .map(([note, size]) =>
      claude("assistant", [{ type: "tool_use", name: "Bash", input: { note, size, deep: { note } } }]),
    ),
  text.map((message) => ({ type: "system", subtype: "api_error", error: { message } })),
  text.map((customTitle) => ({ type: "custom-title", customTitle })),
  text.map((content) =>
    codex({ type: "message", role: "user", content: [{ type: "input_text", text: content }] }),
  ),
  fc
    .tuple(text, fc.constantFrom("ABCDEF", "write"), number)
    .map(([note, name, size]) =>
      codex({ type: "function_call", namespace: "mcp", name, arguments: JSON.stringify({ note, size }) }),
    ),
  text.map((output) => codex({ type: "function_call_output", output: JSON.stringify({ output }) })),
  text.map((message) => codex({ type: "error", message }, "event_msg")),
  fc.constant(codex({ type: "turn_aborted" }, "event_msg")),
  fc.constant(codex({}, "compacted")),
);
const escape = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
const spelling = fc.constantFrom(
  (json: string) => json,
  (json: string) => json.replaceAll(/[^\0-\x7f]/g, escape),
  (json: string) => json.replaceAll(/(?<!\\)[A-Z](?=[A-Z])/g, escape),
);
const line = fc
  .tuple(entry, spelling)
  .map(([object, write]) => write(JSON.stringify(object).replaceAll(/\\?"JSON:([^"\\]*)\\?"/g, "$1")));
const sessions = fc.array(fc.array(line, { minLength: 1, maxLength: 12 }), {
  minLength: SESSIONS,
  maxLength: SESSIONS,
});

const ATOMS =
  '[A-Z]{6} [A-Z_]{8} \\w{4} \\d{6} [0-9]{9} [0-9]{4}-[0-9]{2} E\\d{4} E[0-9]{4}_T [A-Z][a-z]{4} \\s \\S \\b ^ $ .* . " \\\\ \
   Error unknown tool mcp__ (?i)timeout \\p{Han}{3} [^a-z]{7} (?:ABC|DEF) _[A-Z]{5} __ [IJK] ſ* Title:.* (retry|[A-Z]{4})+'.split(
    /\s+/,
  );
const expression = fc
  .array(fc.constantFrom(...ATOMS), { minLength: 1, maxLength: 3 })
  .map((atoms) => atoms.join(""));

it(
  "finds what ripgrep finds in the text of every line, in order and on every page",
  { timeout: 4 * PATIENT_MS },
  async () => {
    let hits = 0;
    await fc.assert(
      fc.asyncProperty(
        sessions,
        fc.array(expression, { minLength: QUERIES, maxLength: QUERIES }),
        async (written, queries) => {
          await using memory = await SearchMemory.make();
          for (const [day, lines] of written.entries())
            await store(memory, `s${day}`, { started: `2026-10-0${9 - day}T00:00:00Z`, lines });
          await using stack = new AsyncDisposableStack();
          const parts = { root: memory.root, archives: memory.archives, timeMs: PATIENT_MS };
          const search = stack.adopt(new SearchEngine(parts), (engine) => engine.close());

          for (const query of queries) {
            const found = await allPages(search, memory, query);
            const expected = await plainly(written, query);
            expect({ query, found }).toEqual({ query, found: expected });
            hits += expected.length;
          }
        },
      ),
      { numRuns: RUNS, seed: 11 },
    );
    expect(hits).toBeGreaterThan(RUNS);
  },
);

interface Written {
  started: string;
  lines: readonly string[];
}

/** Puts a session there as the server stores it. */
async function store(memory: SearchMemory, sessionId: string, { started, lines }: Written): Promise<void> {
  const raw = `${lines.join("\n")}\n`;
  await memory.transcript(WORKSPACE, sessionId, { started, raw, lines: lines.length });
  const archives = await memory.archives(WORKSPACE);
  const { archive = "" } = archives.find((each) => each.sessionId === sessionId) ?? {};
  const body: Buffer[] = [];
  const deflate = new SeekableDeflate(async (data) => void body.push(data), { chunkBytes: CHUNK_BYTES });
  await deflate.add(Buffer.from(raw));
  const { header, chunks } = encodeHeader(await deflate.finish());
  await memory.file(WORKSPACE, `sessions/${archive}`, Buffer.concat([header, ...body, encodeEnd(chunks)]));
}

/** Session and line of every hit, page after page. */
async function allPages(search: SearchEngine, memory: SearchMemory, query: string): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | undefined;
  do {
    const asked = SessionQuery.parse({ query, mode: "regex", limit: 4, cursor });
    const page = await search.sessions(asked, [memory.workspace(WORKSPACE)]);
    found.push(...page.hits.map(({ session_id: id, line }) => `${id}:${line}`));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  return found;
}

/** The same by reading every line. */
async function plainly(written: readonly (readonly string[])[], query: string): Promise<string[]> {
  const rows = written.flatMap((lines, session) =>
    lines.flatMap((json, index) =>
      turnsOfLine(json).flatMap(({ text: said }) =>
        said.split("\n").map((row) => ({ row, place: `s${session}:${index + 1}` })),
      ),
    ),
  );
  const bytes = new TextEncoder().encode(rows.map(({ row }) => `${row}\n`).join(""));
  const grep = { kind: "regex", patterns: [query] } as const;
  const matches = await Array.fromAsync(matchingRows(grep, [bytes], new AbortController().signal));
  return [...new Set(matches.map(({ row }) => rows[row - 1]?.place ?? ""))];
}
