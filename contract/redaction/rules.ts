import { ASSIGNED_RULES } from "./assigned-rules.ts";
import { PEM_RULES } from "./pem-rule.ts";
import { PREFIXED_RULES } from "./prefixed-rules.ts";
import { PLACE_RULES } from "./place-rules.ts";
import type { Rule } from "./rule.ts";

/** Grows with every change of the rules: what was redacted by other ones is looked at again. */
export const RULES_VERSION = 3;

/** The table: what is looked for, whoever's secret it is. Of two that overlap the earlier one gives its name. */
export const RULES: readonly Rule[] = [...PEM_RULES, ...PREFIXED_RULES, ...ASSIGNED_RULES, ...PLACE_RULES];

/** A secret of this machine is one wherever it stands, in whatever word. */
export function literalRule(literal: string): Rule {
  const escaped = literal.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
  return { id: "own", anchors: [literal], pattern: new RegExp(escaped, "y"), inWord: true };
}
