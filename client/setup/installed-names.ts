import { AppError } from "../../contract/errors.ts";
import { Dotfile } from "../edit/dotfile.ts";
import type { Environment } from "../home/home.ts";
import { claudePlaces, isOurServer, serversIn } from "./claude.ts";
import { codexPlaces, codexServerIn } from "./codex.ts";

/** The names that installs of ours gave the server in the files of the clients. Files that cannot be read hold none. */
export async function installedNames(environment: Environment): Promise<string[]> {
  const claude = serversIn(await textOf(claudePlaces(environment).servers));
  const codex = codexServerIn(await textOf(codexPlaces(environment).config));
  const names = claude.filter(([, entry]) => isOurServer(entry)).map(([name]) => name);
  return [...new Set([...names, ...(codex === undefined ? [] : [codex])])];
}

async function textOf(path: string): Promise<string> {
  try {
    return (await Dotfile.read(path)).text;
  } catch (error) {
    if (error instanceof AppError) return "";
    throw error;
  }
}
