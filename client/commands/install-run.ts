import { AppError } from "../../contract/errors.ts";
import type { Config } from "../config.ts";
import { keepTokens, readCredentials } from "../credentials.ts";
import type { Choices } from "../edit/choices.ts";
import { readSetup, SetupRecord } from "../edit/setup-record.ts";
import { applyStep } from "../setup/apply-install.ts";
import { ask } from "../setup/ask.ts";
import { claudePlaces } from "../setup/claude.ts";
import { ownSettings } from "../setup/claude-settings.ts";
import { configText, machineIn, movesIn } from "../setup/config-text.ts";
import type { Given } from "../setup/given-tokens.ts";
import { redeemJoin } from "../setup/join.ts";
import { maskOf } from "../setup/masked.ts";
import { closeHome, isReadByOthers, ownText } from "../setup/own-files.ts";
import { nextSteps } from "../setup/next-steps.ts";
import { planInstall, type InstallFacts } from "../setup/plan-install.ts";
import { previewStep } from "../setup/preview-install.ts";
import { sendingNotice } from "../setup/sending.ts";
import type { StepResult } from "../setup/step.ts";
import { undoSteps } from "../setup/undo-steps.ts";
import { whoseTokens } from "../setup/whose-tokens.ts";
import type { Context } from "./command.ts";
import type { Outcome } from "./exit.ts";
import { installScreen, previewScreen, warnOfDamage } from "./install-screen.ts";
import type { Wish } from "./install-wish.ts";
import { countUnsent } from "./unsent.ts";

interface Request {
  readonly wish: Wish;
  readonly config: Config;
  readonly given: Given;
}

/** Shows what installing would change. Asks the server nothing: a join code would be used up. */
export async function showInstall(context: Context, request: Request): Promise<Outcome> {
  const { environment, output } = context;
  const { wish, config, given } = request;
  const { root } = environment.home;
  if (await isReadByOthers(root))
    output.warn(`Others of this machine can look into ${root}: its mode would become 0700`);
  // What a join would bring is not known yet; what it leads to is.
  const isUnknown = given.join !== undefined || (given.ai ?? given.sync) === undefined;
  const tokens = isUnknown ? { ai: "(the AI token)", sync: "(the sync token)" } : given;
  const machine = wish.machine ?? config.machine;
  const facts = await factsOf(request, { tokens, machine });
  const mask = maskOf([given.join, given.ai, given.sync, config.aiToken?.secret, config.syncToken?.secret]);
  const steps = await Promise.all(planInstall(facts).map((step) => previewStep(step, { environment, mask })));
  const notice = sendingNotice(facts, await countUnsent(environment, configAfter(request, machine)));
  const answer = { dry_run: true, url: config.url, machine, steps, next: notice };
  output.answer(answer, () => [previewScreen(steps), ...notice.map((said) => `# ${said}`)].join("\n"));
  return steps.some(({ state }) => state === "failed") ? "problem" : "ok";
}

/**
 * Installs. The tokens are shown to the server before anything is written, but what a join code brought is kept first: it
 * cannot be had again.
 */
export async function performInstall(
  context: Context,
  { isSure, ...request }: Request & { isSure: boolean },
): Promise<Outcome> {
  const { environment, output } = context;
  const { url } = request.config;
  const { tokens, machine, isKept } = await access(context, request, isSure);
  const whose = await whoseTokens(url, tokens, request.config);
  const facts = await factsOf(request, { tokens, machine });
  const applied = await apply(context, { facts, choices: request.wish.choices });
  const steps = isKept ? applied.map(asKeptBefore) : applied;
  const unsent = await countUnsent(environment, configAfter(request, machine));
  const next = nextSteps(facts, { steps, unsent });
  const answer = { dry_run: false, url, machine, tokens: whose, steps, next };
  output.answer(answer, () => installScreen(answer, environment.userHome));
  return steps.some(({ state }) => state === "failed") ? "problem" : "ok";
}

/** The settings as they are once everything is installed. */
function configAfter({ wish, config }: Request, machine: string): Config {
  return { ...config, machine, redact: wish.redact ?? config.redact };
}

/** `isKept`: these tokens are new, and were kept as soon as they were there. */
type Access = Pick<InstallFacts, "tokens"> & { machine: string; isKept: boolean };

/** What was kept before the steps is no step that was done already. */
function asKeptBefore(step: StepResult): StepResult {
  return step.id === "tokens" && step.state === "already" ? { ...step, state: "done" } : step;
}

/** The tokens, and what this machine is called: what was given, or what a join code is exchanged for. */
async function access(context: Context, request: Request, isSure: boolean): Promise<Access> {
  const { wish, config, given } = request;
  if ((given.join ?? given.ai ?? given.sync) === undefined)
    throw new AppError("unauthenticated", "There is no token", {
      hint: "Make a join code with federated-memory join, or give tokens in files or variables: see memory-sync install --help",
    });
  await assertMoves(context, request, isSure);
  const { home } = context.environment;
  if (await closeHome(home))
    context.output.warn(`Others of this machine could look into ${home.root}: its mode is 0700 now`);
  if (given.join !== undefined) return join(context, request, { code: given.join, isSure });
  await talkAboutVariables(context, request);
  return { tokens: given, machine: wish.machine ?? config.machine, isKept: false };
}

async function join(
  context: Context,
  request: Request,
  { code, isSure }: { code: string; isSure: boolean },
): Promise<Access> {
  const { wish, config } = request;
  const hasTokens = (config.aiToken ?? config.syncToken) !== undefined;
  const named = wish.machine ?? machineIn(await presentConfig(request));
  const joined = await redeemJoin(config.url, code, { hasTokens, machine: isSure ? undefined : named });
  if ("refused" in joined) {
    // Of two pasted lines the wrong one is the likeliest slip.
    await assertMeant(context, joined.refused, {
      hint: "Nothing was changed, and the code was not used up. With --yes this machine is called so from now on",
    });
    return join(context, request, { code, isSure: true });
  }
  const { ai, sync, machine } = joined;
  const tokens = { ai: ai.secret, sync: sync.secret };
  const isKept = await keepTokens(context.environment.home, tokens);
  await talkAboutMachine(context, request, machine);
  return { tokens, machine, isKept };
}

async function apply(
  { environment, output }: Context,
  { facts, choices }: { facts: InstallFacts; choices: Choices },
): Promise<StepResult[]> {
  await using record = await SetupRecord.open(environment.home);
  warnOfDamage(record, output);
  await record.choose(choices);
  const results: StepResult[] = [];
  try {
    for (const step of planInstall(facts)) results.push(await applyStep(step, { environment, record }));
  } catch (error) {
    output.warn(`Stopped; done so far: ${results.map(({ what }) => what).join("; ") || "nothing"}`);
    throw error;
  }
  return results;
}

/** Whoever changes server or machine by mistake would part a machine's sessions. */
async function assertMoves(context: Context, request: Request, isSure: boolean): Promise<void> {
  const { wish, config } = request;
  const wanted = { url: config.url, machine: wish.machine ?? config.machine };
  const moves = movesIn(await presentConfig(request), wanted);
  if (moves.length === 0) return;
  const said = `This changes ${moves.join(" and ")}`;
  if (isSure) context.output.say(said);
  else await assertMeant(context, said, { hint: "Nothing was changed. With --yes it is" });
}

/** Asks the person at the terminal. Throws `conflict` for any answer but yes, and where there is no terminal. */
async function assertMeant({ output }: Context, said: string, { hint }: { hint: string }): Promise<void> {
  output.say(said);
  if (/^y/i.test((await ask("Go on? [y/N] ")) ?? "")) return;
  throw new AppError("conflict", said, { hint });
}

/** A shell that was open before the last install still has the token from before it. */
async function talkAboutVariables(
  { environment, output }: Context,
  { config, given }: Request,
): Promise<void> {
  const { ai_token, sync_token } = await readCredentials(environment.home);
  for (const [token, used, kept] of [
    [config.aiToken, given.ai, ai_token],
    [config.syncToken, given.sync, sync_token],
  ] as const)
    if (token?.from === "environment" && token.secret === used && kept !== undefined && kept !== used)
      output.warn(
        `The token of ${token.place} is another one than credentials.json holds, and takes its place`,
      );
}

/** A join code names the machine, whatever it was called before. */
async function talkAboutMachine({ output }: Context, request: Request, machine: string): Promise<void> {
  const { wish, config } = request;
  const isOther = wish.machine !== undefined && wish.machine !== machine;
  if (isOther || movesIn(await presentConfig(request), { url: config.url, machine }).length > 0)
    output.warn(`The join code was made for the machine ${machine}: this one is called so from now on`);
}

async function factsOf(
  request: Request,
  { tokens, machine }: { tokens: InstallFacts["tokens"]; machine: string },
): Promise<InstallFacts> {
  const { wish, config } = request;
  const { redact, environment } = wish;
  const settings = claudePlaces(environment).settings;
  const entries = await readSetup(environment.home);
  const wanted = { url: config.url, machine, ...(redact !== undefined && { redact }) };
  return {
    ...wish,
    url: config.url,
    tokens,
    configText: configText(await presentConfig(request), wanted),
    present: await undoSteps(environment),
    ownSettings: ownSettings(
      entries.find(({ path }) => path === settings),
      wish.name,
    ),
  };
}

function presentConfig({ wish }: Request): Promise<string | undefined> {
  return ownText(wish.environment.home.config);
}
