import type { Config } from "../config.ts";
import { isOtherServer } from "../setup/config-text.ts";
import { givenTokens } from "../setup/given-tokens.ts";
import { ownText } from "../setup/own-files.ts";
import { runTrusting } from "../setup/trust.ts";
import { SCHEDULES } from "../schedule/schedules.ts";
import { MINUTES } from "../schedule/schedule.ts";
import { defineCommand, UsageError, type Context } from "./command.ts";
import { EXIT, OUTCOMES } from "./exit.ts";
import { choicesIn } from "./install-choices.ts";
import { performInstall, showInstall } from "./install-run.ts";
import { wishOf } from "./install-wish.ts";

export const install = defineCommand({
  name: "install",
  summary: "Set this machine up: Claude Code, Codex, their hooks, and a schedule",
  options: {
    machine: {
      type: "string",
      value: "NAME",
      summary: "This machine (default: as it is called, else its host name)",
    },
    "join-file": {
      type: "string",
      value: "FILE",
      summary: "A join code to exchange for tokens; - reads stdin",
    },
    "ai-token-file": { type: "string", value: "FILE", summary: "A file with the AI token" },
    "sync-token-file": { type: "string", value: "FILE", summary: "A file with the sync token" },
    "tokens-stdin": {
      type: "boolean",
      summary: 'Read a line like {"join":…} or {"ai_token":…, "sync_token":…} from stdin',
    },
    agents: {
      type: "string",
      value: "LIST",
      summary: "claude, codex or both with a comma (default: those that are here)",
    },
    name: { type: "string", value: "NAME", summary: "What agents call the server (default memory)" },
    mcp: { type: "boolean", summary: "Tell the agents of the server (default)" },
    "no-mcp": { type: "boolean", summary: "Do not, and take that out where it is" },
    hooks: { type: "boolean", summary: "Install the hooks (default)" },
    "no-hooks": { type: "boolean", summary: "Do not, and take them out where they are" },
    schedule: {
      type: "string",
      value: "NAME",
      summary: `${SCHEDULES.map(({ name }) => name).join(", ")} (default: auto, the first that works)`,
    },
    "no-schedule": { type: "boolean", summary: "Run no sync regularly, and end the schedule there is" },
    every: { type: "string", value: "MINUTES", summary: `${MINUTES.join(", ")} (default 15)` },
    shell: { type: "boolean", summary: "Have the shell's start files set Codex's token (default)" },
    "no-shell": {
      type: "boolean",
      summary: "Leave them alone; what Codex needs there is printed",
    },
    "allow-tools": { type: "boolean", summary: "Let agents use the server's tools without asking" },
    "no-allow-tools": { type: "boolean", summary: "Have them ask (default)" },
    "literal-header": {
      type: "boolean",
      summary: "For an older Claude Code: write the token into its settings",
    },
    "no-literal-header": { type: "boolean", summary: "Have it ask for the token (default)" },
    redact: { type: "boolean", summary: "Take secrets out of everything before it is sent" },
    ca: {
      type: "string",
      value: "FILE",
      summary: "Certificates (PEM) to trust, for a server with one of its own",
    },
    yes: { type: "boolean", summary: "Change server or machine without asking" },
    "dry-run": { type: "boolean", summary: "Show what would change, and change nothing" },
  },
  details:
    "Tokens come from --join-file, --tokens-stdin, the token files, MCP_MEMORY_TOKEN and SYNC_TOKEN, credentials.json, " +
    "or are asked for. Files of other programs are only added to, and copied to backups/ before. A second install " +
    "changes nothing: what was chosen of parts, tools, schedule and minutes holds until it is chosen anew. memory-sync uninstall takes it all out again.",
  async run(context, args) {
    const ca = args.option("ca");
    const code = ca === undefined ? undefined : await runTrusting(context.environment, ca);
    if (code !== undefined) return OUTCOMES.find((outcome) => EXIT[outcome] === code) ?? "problem";
    const isPreview = args.flag("dry-run");
    const config = await context.config();
    if ([config.aiToken, config.syncToken].some((token) => token?.from === "flag"))
      throw new UsageError("install takes --ai-token-file and --sync-token-file, not --token-file");
    const wish = await wishOf(context.environment, {
      machine: args.option("machine"),
      clients: args.option("agents"),
      name: args.option("name"),
      every: args.option("every"),
      choices: choicesIn(args),
      redact: args.flag("redact") ? true : undefined,
    });
    const given = await givenTokens(
      {
        joinFile: args.option("join-file"),
        aiTokenFile: args.option("ai-token-file"),
        syncTokenFile: args.option("sync-token-file"),
        stdin: args.flag("tokens-stdin"),
      },
      {
        environment: context.environment,
        config: await withoutTokensOfOthers(context, config),
        mayAsk: !isPreview,
      },
    );
    if (isPreview) return showInstall(context, { wish, config, given });
    return performInstall(context, { wish, config, given, isSure: args.flag("yes") });
  },
});

/** The tokens that are kept for one server are not shown to another. */
async function withoutTokensOfOthers({ environment }: Context, config: Config): Promise<Config> {
  if (!isOtherServer(await ownText(environment.home.config), config.url)) return config;
  const { aiToken, syncToken } = config;
  return {
    ...config,
    aiToken: aiToken?.from === "config" ? undefined : aiToken,
    syncToken: syncToken?.from === "config" ? undefined : syncToken,
  };
}
