import { existsSync } from "node:fs";
import { cleanupOf, type Cleanup } from "../archive/expiry.ts";
import { transcriptPlaces } from "../archive/places.ts";
import type { Config } from "../config.ts";
import { readCredentials, type Credentials } from "../credentials.ts";
import type { Choices } from "../edit/choices.ts";
import { readChoices } from "../edit/setup-record.ts";
import type { Environment } from "../home/home.ts";
import { shellWord, windowsArgument } from "../launcher/quote.ts";
import { clientsHere } from "../setup/clients-here.ts";
import type { ClientName } from "../setup/plan-install.ts";
import { programsOf, type Programs } from "../setup/programs.ts";
import { previewSync, type Preview } from "../sync/preview.ts";
import { askServer, type ServerFacts } from "./server-facts.ts";

/** All that was looked at once, and that findings are made from. */
export interface Facts {
  readonly environment: Environment;
  readonly config: Config;
  readonly credentials: Credentials;
  readonly programs: Programs;
  readonly clients: readonly ClientName[];
  /** What the person left out is not missing. */
  readonly choices: Choices;
  /** Undefined when the server was not to be asked. */
  readonly server: ServerFacts | undefined;
  readonly cleanup: Cleanup;
  /** What a sync would do. */
  readonly preview: Preview;
  readonly nowMs: number;
}

/** Looks at this machine, and asks the server unless `offline`. Changes nothing. Throws AppError for settings that cannot be read. */
export async function gatherFacts(
  environment: Environment,
  config: Config,
  { offline }: { offline: boolean },
): Promise<Facts> {
  const { claude } = transcriptPlaces(environment.env, environment.userHome);
  const choices = { scan: true, retry: false, recheck: false };
  const [server, preview] = await Promise.all([
    offline ? undefined : askServer(config),
    previewSync({ environment, config }, choices),
  ]);
  return {
    environment,
    config,
    credentials: await readCredentials(environment.home),
    programs: programsOf(environment),
    clients: clientsHere(environment),
    choices: await readChoices(environment.home),
    server,
    cleanup: await cleanupOf(claude),
    preview,
    nowMs: Date.now(),
  };
}

/** A command of the client as this person starts it at a shell. */
export function commandFor(
  { programs, environment }: Pick<Facts, "programs" | "environment">,
  rest: string,
): string {
  const { launcher, windows } = programs;
  if (!existsSync(launcher)) return `memory-sync ${rest}`;
  if (windows) return `${windowsArgument(launcher)} ${rest}`;
  return `${shellPath(launcher, environment)} ${rest}`;
}

/** What brings the server's own client here. It keeps the machine's tokens. */
export function installLine(url: string): string {
  return `curl -fsSL ${shellWord(`${url}/install.sh`)} | bash`;
}

/** A path as a person would type it at a shell. */
export function shellPath(path: string, { userHome }: Pick<Environment, "userHome">): string {
  const isBelow = path.startsWith(`${userHome}/`);
  const rest = isBelow ? path.slice(userHome.length) : path;
  if (!/^[\w./@+-]+$/.test(rest)) return shellWord(path);
  return isBelow ? `~${rest}` : rest;
}
