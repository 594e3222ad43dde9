import { AppError } from "../../contract/errors.ts";
import { isSystemError } from "../../disk/errno.ts";
import { readFromStart } from "./content.ts";
import type { Transcript } from "./find.ts";
import { readHead } from "./head.ts";

/** When a conversation began by its first lines, in milliseconds since 1970; undefined when they do not tell. */
export async function startedMs(transcript: Transcript): Promise<number | undefined> {
  try {
    const { facts } = await readHead(readFromStart(transcript));
    const time = Date.parse(facts.started ?? "");
    return Number.isNaN(time) ? undefined : time;
  } catch (error) {
    if (error instanceof AppError || isSystemError(error)) return undefined;
    throw error;
  }
}
