import type { TurnRole } from "./search.ts";

/** One thing that was said or done in a conversation. */
export interface Turn {
  role: TurnRole;
  text: string;
  /** The tool, for the role `tool_call`. */
  name?: string;
}

/** One turn, or none when there is nothing to read in it. */
export function turn(role: TurnRole, text: string | undefined): Turn[] {
  return text === undefined || text.trim() === "" ? [] : [{ role, text }];
}

/** A tool call; worth showing even without input. */
export function call(name: string, text: string): Turn[] {
  return [{ role: "tool_call", name, text }];
}
