import type { MemoryCommand } from "./command.ts";
import { memoryPathOf } from "./path.ts";
import { Refusal } from "./refusal.ts";
import { TEXTS } from "./texts.ts";

/** The canonical path of what a model wrote. Throws `Refusal`. */
export function placeOf(given: string): string {
  const place = memoryPathOf(given);
  if ("fault" in place) throw new Refusal(place.fault);
  return place.path;
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
