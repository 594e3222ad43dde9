import { isJsonObject, valueOf } from "../edit/json-value.ts";
import { parseJsonc, type Json } from "../edit/jsonc.ts";
import { codexPlaces } from "../setup/codex.ts";
import { codexHookWants } from "../setup/hook-wants.ts";
import type { Programs } from "../setup/programs.ts";
import type { Facts } from "./facts.ts";
import { ok, warn, type Finding } from "./finding.ts";
import type { HookStanding } from "./hooks.ts";
import { settingsText } from "./settings-file.ts";

/**
 * Whether Codex has a person's review of our hook on record: without one it passes over the hook and says nothing. It is only
 * read here, for it stands for a person's look.
 */
export async function trustFindings(facts: Facts, standings: readonly HookStanding[]): Promise<Finding[]> {
  const held = standings.find(({ client, standing }) => client === "codex" && standing === "there");
  if (held === undefined || facts.config.syncToken === undefined) return [];
  const { text } = await settingsText(codexPlaces(facts.environment).config);
  const keys = handlersIn(held.text, facts.programs).map((place) => `${held.path}:stop:${place}`);
  const isTrusted = keys.some((key) => text.includes(`hooks.state.${JSON.stringify(key)}`));
  if (isTrusted) return [ok("codex.trust", "the hook was reviewed in Codex")];
  return [
    warn("codex.trust", "Codex passes over the hook until it is trusted; the schedule sends its sessions", {
      advice: "In Codex, type /hooks and trust memory-sync",
    }),
  ];
}

/** Places of our handlers under Stop, as Codex counts them: `<group>:<handler>`. */
function handlersIn(text: string, programs: Programs): string[] {
  const wants = codexHookWants(programs);
  const { root } = parseJsonc(text);
  const whole = root && valueOf(root);
  const hooks = isJsonObject(whole) ? whole["hooks"] : undefined;
  const groups = isJsonObject(hooks) ? hooks["Stop"] : undefined;
  return listOf(groups).flatMap((group, index) =>
    listOf(isJsonObject(group) ? group["hooks"] : undefined).flatMap((handler, place) =>
      wants.some((want) => want.isOurs(handler)) ? `${index}:${place}` : [],
    ),
  );
}

function listOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
