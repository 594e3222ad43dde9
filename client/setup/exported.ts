import { keepExported } from "../credentials.ts";
import { VARIABLES, type Home } from "../home/home.ts";
import { ownText } from "./own-files.ts";
import { envFile } from "./shell-files.ts";

const EXPORT = new RegExp(`^export ${VARIABLES.aiToken}='(.*)'$`, "m");

/**
 * Notes which tokens the file for shells exports, before it is written: the one that it is to hold, and the one that an
 * earlier version of this program wrote into it. Does nothing for other files.
 */
export async function noteExports(home: Home, { path, text }: { path: string; text: string }): Promise<void> {
  if (path !== envFile(home)) return;
  const present = (await ownText(path)) ?? "";
  await keepExported(
    home,
    [present, text].flatMap((written) => exportedIn(written) ?? []),
  );
}

/** The other way round than `shellWord`. */
function exportedIn(text: string): string | undefined {
  return EXPORT.exec(text)?.[1]?.replaceAll("'\\''", "'");
}
