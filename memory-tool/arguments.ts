import type { MemoryCommand } from "./command.ts";
import { memoryPathOf } from "./path.ts";
import { Refusal } from "./refusal.ts";
import { TEXTS } from "./texts.ts";

/** The canonical path of what a model wrote. Throws `Refusal`. */
export function canonicalPath(given: string): string {
  const found = memoryPathOf(given);
  if ("fault" in found) throw new Refusal(found.fault);
  return found.path;
}

/** The refusal of a command some of whose arguments are missing; `needed` are all that it needs. */
export function incomplete(command: MemoryCommand["command"], needed: Partial<MemoryCommand>): Refusal {
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  return new Refusal(
    TEXTS.needs(
      command,
      missing.map(([name]) => name),
    ),
  );
}
