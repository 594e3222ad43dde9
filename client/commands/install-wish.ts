import { AppError } from "../../contract/errors.ts";
import { slugify } from "../../contract/names.ts";
import { didYouMean } from "../../contract/nearest.ts";
import type { Choices } from "../edit/choices.ts";
import { readChoices } from "../edit/setup-record.ts";
import type { Environment } from "../home/home.ts";
import { MINUTES, type Minutes } from "../schedule/schedule.ts";
import { bestSchedule, SCHEDULES } from "../schedule/schedules.ts";
import { clientsHere } from "../setup/clients-here.ts";
import { installedNames } from "../setup/installed-names.ts";
import { ownProgram } from "../setup/own-files.ts";
import { CLIENTS, type ClientName, type InstallFacts } from "../setup/plan-install.ts";
import { programsOf } from "../setup/programs.ts";
import { startFiles } from "../setup/shell-files.ts";
import { UsageError } from "./command.ts";

/** The options as they were given. */
export interface InstallOptions {
  readonly machine: string | undefined;
  readonly clients: string | undefined;
  readonly name: string | undefined;
  readonly every: string | undefined;
  /** What is said now; what was said before holds for the rest. */
  readonly choices: Omit<Choices, "every">;
  readonly redact: true | undefined;
}

/** What is to be installed, as far as it has nothing to do with the server. */
export type Wish = Omit<InstallFacts, "url" | "configText" | "tokens" | "present" | "ownSettings"> & {
  readonly machine: string | undefined;
  /** What is to be remembered. */
  readonly choices: Choices;
  readonly redact: true | undefined;
};

/** Understands the options, and looks at the machine for what they leave open. Throws UsageError. */
export async function wishOf(environment: Environment, options: InstallOptions): Promise<Wish> {
  const every = options.every === undefined ? {} : { every: minutesOf(options.every) };
  const choices = { ...(await readChoices(environment.home)), ...options.choices, ...every };
  const here = clientsHere(environment);
  return {
    environment,
    programs: programsOf(environment),
    bundle: await ownProgram(),
    machine: options.machine === undefined ? undefined : machineOf(options.machine),
    redact: options.redact,
    choices,
    clients: options.clients === undefined ? here : clientsOf(options.clients),
    clientsHere: here,
    name: await nameOf(environment, options.name),
    wants: wantsOf(choices),
    startFiles: startFiles(environment),
    schedule: await scheduleOf(environment, { wanted: options.choices.schedule, before: choices.schedule }),
    minutes: MINUTES.find((minutes) => minutes === choices.every) ?? 15,
  };
}

function wantsOf(choices: Choices): InstallFacts["wants"] {
  return {
    mcp: choices.mcp ?? true,
    hooks: choices.hooks ?? true,
    shell: choices.shell ?? true,
    schedule: choices.schedule !== "none",
    allowTools: choices.allow_tools ?? false,
    literalHeader: choices.literal_header ?? false,
  };
}

function machineOf(name: string): string {
  const slug = slugify(name);
  if (slug === "") throw new UsageError("--machine needs at least one letter or digit");
  return slug;
}

function clientsOf(list: string): ClientName[] {
  return list.split(",").map((text) => {
    const wanted = text.trim();
    const found = CLIENTS.find((name) => name === wanted);
    if (found === undefined)
      throw new UsageError(
        `There is no agent "${wanted}"`,
        didYouMean(wanted, CLIENTS) ?? `Known: ${CLIENTS.join(", ")}`,
      );
    return found;
  });
}

/** One name for all clients, and the same at every install: a second one would be a second server to them. */
async function nameOf(environment: Environment, wanted: string | undefined): Promise<string> {
  const [installed] = await installedNames(environment);
  const name = wanted ?? installed ?? "memory";
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(name)) throw new UsageError("--name takes letters, digits, - and _");
  if (name === "workspace") throw new UsageError('Claude Code keeps the name "workspace" for itself');
  if (installed === undefined || installed === name) return name;
  throw new AppError("conflict", `The server is installed under the name "${installed}" already`, {
    hint: `Leave --name out, or run memory-sync uninstall first`,
  });
}

async function scheduleOf(
  environment: Environment,
  { wanted, before }: { wanted: string | undefined; before: string | undefined },
): Promise<InstallFacts["schedule"]> {
  const kept = SCHEDULES.find(({ name }) => name === before);
  if (wanted === undefined && kept !== undefined && (await kept.isUsable(environment))) return kept;
  if (wanted === undefined || wanted === "auto" || wanted === "none")
    return (
      (await bestSchedule(environment)) ??
      "no scheduler that works was found here; have sync run in your own way"
    );
  const names = ["auto", ...SCHEDULES.map(({ name }) => name)];
  const found = SCHEDULES.find(({ name }) => name === wanted);
  if (found === undefined)
    throw new UsageError(
      `There is no scheduler "${wanted}"`,
      didYouMean(wanted, names) ?? `Known: ${names.join(", ")}`,
    );
  if (await found.isUsable(environment)) return found;
  throw new AppError("invalid_input", `This machine has no ${wanted} that works`, {
    hint: "Leave --schedule out to take what works, or use --no-schedule",
  });
}

function minutesOf(text: string): Minutes {
  const found = MINUTES.find((minutes) => String(minutes) === text);
  if (found === undefined) throw new UsageError(`--every takes one of ${MINUTES.join(", ")}`);
  return found;
}
