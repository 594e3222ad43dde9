import type { Edit } from "../edit/edit.ts";
import { jsonEdit } from "../edit/json-edit.ts";
import type { JsonWant } from "../edit/json-insert.ts";
import type { SetupEntry } from "../edit/setup-record.ts";
import { allowWant } from "./claude.ts";

/** What of ours an earlier install put into Claude Code's settings. */
export interface OwnSettings {
  readonly hooks: boolean;
  readonly tools: boolean;
}

/** What the setup record says of Claude Code's settings. A person may have allowed the tools by hand: that is not ours. */
export function ownSettings(entry: SetupEntry | undefined, name: string): OwnSettings {
  const texts = [...(entry?.insertions ?? []), ...(entry?.earlier?.insertions ?? [])].map(({ text }) => text);
  const value = JSON.stringify(allowWant(name).value);
  return {
    hooks: texts.some((text) => text.includes("claude-hook")),
    tools: texts.some((text) => text.includes(value)),
  };
}

/**
 * Several things of ours in one file, of which one is put in: one record is kept of a file, so each edit of it may take all of ours out
 * first, and has to put the others in again.
 */
export function editIn({ own, others }: { own: readonly JsonWant[]; others: readonly JsonWant[] }): Edit {
  const [alone, all] = [jsonEdit(own), jsonEdit([...own, ...others])];
  return {
    ...all,
    plan(text) {
      const plan = alone.plan(text);
      return plan.state === "insert" ? all.plan(text) : plan;
    },
  };
}

/** The same, of which one is taken out and the others stay. */
export function editOut({ own, others }: { own: readonly JsonWant[]; others: readonly JsonWant[] }): Edit {
  const [alone, rest] = [jsonEdit(own), jsonEdit(others)];
  return {
    ...jsonEdit([...own, ...others]),
    plan: (text) => (alone.withoutOurs(text, []) === "nothing" ? rest.plan(text) : staleOr(rest, text)),
  };
}

/** A text that cannot be understood is refused in the words of any other edit. */
function staleOr(edit: Edit, text: string): ReturnType<Edit["plan"]> {
  const plan = edit.plan(text);
  return plan.state === "refused" ? plan : { state: "stale" };
}
