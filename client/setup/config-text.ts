import * as z from "zod";
import { parseJson } from "../../contract/json.ts";
import { rootOf } from "./address.ts";

/** What of `config.json` installing decides. */
const Settings = z
  .object({ url: z.string().optional(), machine: z.string().optional(), redact: z.boolean().optional() })
  .loose();
type Settings = z.infer<typeof Settings>;

/** A text of `config.json` with other settings; the same text where it says so already. The rest of it stays. */
export function configText(present: string | undefined, wanted: Settings): string {
  const held = settingsIn(present);
  const isSaid = Object.entries(wanted).every(([key, value]) => value === undefined || held[key] === value);
  if (present !== undefined && isSaid) return present;
  const said = Object.entries(wanted).filter(([, value]) => value !== undefined);
  return `${JSON.stringify({ ...held, ...Object.fromEntries(said) }, null, 2)}\n`;
}

/**
 * What another server or another machine's name would change, as sentences: sessions sent from now on go elsewhere. None
 * for a machine that is set up for the first time.
 */
export function movesIn(present: string | undefined, wanted: { url: string; machine: string }): string[] {
  const held = settingsIn(present);
  const moves: string[] = [];
  if (isOtherServer(present, wanted.url))
    moves.push(`the server: ${wanted.url} instead of ${rootOf(held.url ?? "")}`);
  if (held.machine !== undefined && held.machine !== wanted.machine)
    moves.push(`this machine's name: ${wanted.machine} instead of ${held.machine}`);
  return moves;
}

/** What this machine is called, if anybody said so. */
export function machineIn(present: string | undefined): string | undefined {
  return settingsIn(present).machine;
}

/** True when this machine is set up for another server: whatever it keeps is none of this one's business. */
export function isOtherServer(present: string | undefined, url: string): boolean {
  const { url: held } = settingsIn(present);
  return held !== undefined && rootOf(held) !== url;
}

function settingsIn(text: string | undefined): Settings {
  return text === undefined ? {} : Settings.parse(parseJson(text));
}
