import { AppError } from "../../contract/errors.ts";
import type { TranscriptFacts } from "../../contract/transcript.ts";
import type { Folder } from "../../disk/folder.ts";
import { readJson } from "../storage/json-file.ts";
import { FACTS_SUFFIX } from "../storage/layout.ts";
import type { Chunk } from "../storage/seekable-gzip.ts";
import type { RawChunk } from "./chunks.ts";
import { addTo, newHash } from "./hash-memory.ts";
import { Pace } from "./pace.ts";
import { SessionFacts, type KnownFacts } from "./session.ts";
import { TranscriptReader } from "./transcript-reader.ts";

/** What an archive's content says, whoever reads or receives it. */
export interface Content {
  bytes: number;
  lines: number;
  sha256: string;
  facts: TranscriptFacts;
}

/** The facts file of one archive; undefined when there is none, or none that can be read or that agrees with itself. */
export async function readFacts(folder: Folder, base: string): Promise<SessionFacts | undefined> {
  try {
    const read = await readJson(folder, `${base}${FACTS_SUFFIX}`, SessionFacts);
    return read.state === "whole" && agrees(read.value) ? read.value : undefined;
  } catch (error) {
    // A link or a folder with a facts file's name is nothing of ours.
    if (error instanceof AppError && error.code === "forbidden") return undefined;
    throw error;
  }
}

/** False when somebody edited one number and not the others. */
function agrees({ chunks, bytes, lines }: SessionFacts): boolean {
  if (chunks.length === 0) return true;
  const total = (column: 1 | 2) => chunks.reduce((sum, row) => sum + row[column], 0);
  return total(1) === bytes && total(2) === lines;
}

/** A facts file's text. The chunk table is one line, so that people can read the rest. */
export function factsText({ chunks, ...facts }: SessionFacts): string {
  const text = JSON.stringify({ ...facts, chunks: [] }, undefined, 2);
  return `${text.replace(/"chunks": \[\]\n\}$/, () => `"chunks": ${JSON.stringify(chunks)}\n}`)}\n`;
}

/** The rows of a facts file's chunk table. */
export function chunkRows(chunks: readonly Chunk[]): SessionFacts["chunks"] {
  return chunks.map(({ deflatedBytes, rawBytes, lines, crc }) => [deflatedBytes, rawBytes, lines, crc]);
}

/** The fields of a facts file that come from the transcript. `fallback` is the time when it tells none. */
export function contentFields(
  { bytes, lines, sha256, facts }: Content,
  fallback: Date,
): Pick<SessionFacts, "tool" | "started" | "ended" | "bytes" | "lines" | "sha256" | "first_prompt"> &
  Partial<SessionFacts> {
  const started = facts.started ?? fallback.toISOString();
  return {
    tool: facts.tool,
    started,
    ended: facts.ended ?? started,
    lines,
    bytes,
    sha256,
    first_prompt: facts.firstPrompt,
    ...(facts.title !== undefined && { title: facts.title }),
    ...(facts.cwd !== undefined && { cwd: facts.cwd }),
    ...(facts.gitBranch !== undefined && { git_branch: facts.gitBranch }),
    ...(facts.parent !== undefined && { parent: facts.parent }),
  };
}

/** What a stored session's facts say about its transcript, to go on from. */
export function knownFacts(stored: KnownFacts): TranscriptFacts {
  const {
    tool,
    started,
    ended,
    first_prompt: firstPrompt,
    title,
    cwd,
    parent,
    git_branch: gitBranch,
  } = stored;
  return {
    tool: tool === "claude-code" || tool === "codex" ? tool : "unknown",
    started,
    ended,
    firstPrompt,
    ...(title !== undefined && { title }),
    ...(cwd !== undefined && { cwd }),
    ...(parent !== undefined && { parent }),
    ...(gitBranch !== undefined && { gitBranch }),
  };
}

/** Reads a whole transcript to learn what is in it. */
export async function contentOf(chunks: AsyncIterable<RawChunk>): Promise<Content> {
  const hash = newHash();
  const pace = new Pace();
  const reader = new TranscriptReader();
  let [bytes, lines] = [0, 0];
  for await (const chunk of chunks) {
    await addTo(hash, chunk.data, pace);
    await reader.add(chunk.data);
    bytes = chunk.firstByte + chunk.data.length;
    lines = chunk.firstLine - 1 + chunk.lines;
  }
  return { bytes, lines, sha256: hash.digest("hex"), facts: reader.finish() };
}
