import { knowledgeAnchor, overviewAnchor, parseAnchor, type Anchor } from "../../contract/anchor.ts";
import { SessionId } from "../../contract/ids.ts";
import type { SessionLines } from "../../contract/wire.ts";
import { plainLines } from "../format.ts";
import type { Output } from "../output.ts";
import type { Query } from "../remote/connection.ts";
import { RemoteError } from "../remote/remote-error.ts";
import type { Reader } from "../remote/reader.ts";
import { defineCommand, UsageError, type Arguments } from "./command.ts";
import { takeLines, type LineRange } from "./lines.ts";
import { countOption } from "./paging.ts";

type ReadOption = "version" | "as-of" | "from-line" | "max-lines" | "raw" | "all";

export const read = defineCommand({
  name: "read",
  summary: "Read a knowledge file, a memory, an overview or a session",
  positionals: "<address> | <workspace> [<path> | <session>]",
  options: {
    version: { type: "string", value: "N", summary: "An earlier version of the file" },
    "as-of": { type: "string", value: "TIME", summary: "The file as it was at this date or time" },
    "from-line": { type: "string", value: "N", summary: "Begin at this line" },
    "max-lines": { type: "string", value: "N", summary: "At most so many lines" },
    raw: { type: "boolean", summary: "The stored bytes: of a session its whole transcript" },
    all: { type: "boolean", summary: "Every page of a session, not only one" },
  },
  details:
    "An address is what search prints: memory://<workspace>/sessions/<session>#L120. A workspace alone shows its overview.\n" +
    "With --json a session comes page by page, one object per line.",
  async run(context, args) {
    const reading: Reading = {
      anchor: anchorOf(args.positionals),
      reader: await context.reader(),
      output: context.output,
      args,
    };
    if (reading.anchor.kind !== "session") {
      await readText(reading);
      return "ok";
    }
    try {
      await readSession(reading, reading.anchor.sessionId);
    } catch (error) {
      throw forPeople(error);
    }
    return "ok";
  },
});

interface Reading {
  anchor: Anchor;
  reader: Reader;
  output: Output;
  args: Arguments<ReadOption>;
}

/** What the words of the command line mean. `notes.md`, `auto/notes` and `/memories/notes` are files, `5f0c-…` is a session. */
function anchorOf([first, second, ...more]: readonly string[]): Anchor {
  if (first === undefined || more.length > 0)
    throw new UsageError("read wants an address, or a workspace and a path or session");
  if (second === undefined && first.includes(":")) {
    const anchor = parseAnchor(first);
    if (anchor === undefined) throw new UsageError(`Not an address: "${first}"`, "search prints addresses");
    return anchor;
  }
  const common = { workspaceId: first, lines: undefined };
  if (second === undefined || second === "overview.md") return { ...common, kind: "overview" };
  const isSession = SessionId.safeParse(second).success && !/\.\w{1,4}$/.test(second);
  return isSession
    ? { ...common, kind: "session", sessionId: second }
    : { ...common, kind: "knowledge", path: second };
}

/** A file travels whole: it is small. */
async function readText(reading: Reading): Promise<void> {
  const { anchor, reader, output, args } = reading;
  const { workspaceId } = anchor;
  const range = rangeOf(reading);
  const at = { version: countOption(args, "version"), as_of: args.option("as-of") };
  const path = anchor.kind === "knowledge" ? anchor.path : undefined;
  const bytes = await (path === undefined
    ? overviewOf(reader, workspaceId, at)
    : reader.readKnowledge(workspaceId, path, at));
  if (args.flag("raw")) return writeRaw([bytes], range, output);
  const lines = bytes.toString("utf8").split("\n");
  if (lines.at(-1) === "") lines.pop();
  const text = lines.slice(range.from - 1, range.from - 1 + (range.count ?? lines.length)).join("\n");
  const answer = {
    workspace_id: workspaceId,
    path: path ?? "overview.md",
    anchor: path === undefined ? overviewAnchor(workspaceId) : knowledgeAnchor(workspaceId, path),
    from_line: range.from,
    lines: lines.length,
    text,
  };
  output.answer(answer, () => plainLines(text));
}

/** A workspace without an overview is nothing unusual: the server's words are those for a file that is missed. */
async function overviewOf(reader: Reader, workspaceId: string, at: Query): Promise<Buffer> {
  try {
    return await reader.readOverview(workspaceId, at);
  } catch (error) {
    if (!(error instanceof RemoteError) || !error.message.startsWith("No such file")) throw error;
    throw new RemoteError(error.kind, `"${workspaceId}" has no overview yet: its AI writes it`, {
      cause: error,
      status: error.status,
      code: error.code,
    });
  }
}

async function readSession(reading: Reading, sessionId: string): Promise<void> {
  const { args, output, anchor, reader } = reading;
  if (args.option("version") !== undefined || args.option("as-of") !== undefined)
    throw new UsageError("--version and --as-of are for knowledge files and overviews");
  const range = rangeOf(reading);
  if (args.flag("raw")) return writeRaw(reader.downloadSession(anchor.workspaceId, sessionId), range, output);
  let page = await sessionPage(reading, sessionId, { from_line: range.from, max_lines: range.count });
  show(page, output);
  while (args.flag("all") && page.next_line !== undefined && !output.closed) {
    page = await sessionPage(reading, sessionId, { from_line: page.next_line, from_char: page.next_char });
    show(page, output);
  }
  if (page.next_line !== undefined) output.say(`More: add --from-line ${page.next_line}, or --all`);
}

function sessionPage(
  { reader, anchor }: Reading,
  sessionId: string,
  range: Record<string, number | undefined>,
): Promise<SessionLines> {
  return reader.readSession(anchor.workspaceId, sessionId, { view: "conversation", ...range });
}

/** The server's hints name the tools of agents; people have commands. */
function forPeople(error: unknown): unknown {
  if (!(error instanceof RemoteError) || error.code !== "not_found") return error;
  return new RemoteError(error.kind, error.message, {
    cause: error,
    status: error.status,
    code: error.code,
    hint: "`memory-sync sessions` lists them; the path of a knowledge file ends in .md",
  });
}

async function writeRaw(
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  range: LineRange,
  output: Output,
): Promise<void> {
  for await (const chunk of takeLines(bytes, range)) {
    await output.write(chunk);
    if (output.closed) return;
  }
}

function show(page: SessionLines, output: Output): void {
  output.answer(page, () => plainLines(page.text.replace(/\n$/, "")));
}

/** `--from-line` and `--max-lines`, else the lines that the anchor names. */
function rangeOf({ anchor, args }: Reading): LineRange {
  const { lines } = anchor;
  const from = countOption(args, "from-line") ?? lines?.first ?? 1;
  const isRange = lines !== undefined && from === lines.first && lines.last > lines.first;
  return {
    from,
    count: countOption(args, "max-lines") ?? (isRange ? lines.last - lines.first + 1 : undefined),
  };
}
