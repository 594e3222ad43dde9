import type { Archive } from "../sessions/session.ts";
import type { HeldArchive } from "./messages.ts";

/** Whether a row of the index holds this archive as it is now. */
export function isHeld(
  { sha256, lines, fault }: Pick<HeldArchive, "sha256" | "lines" | "fault">,
  archive: Archive,
): boolean {
  return fault === undefined && sha256 === archive.sha256 && lines === archive.lines;
}
