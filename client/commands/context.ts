import { AppError } from "../../contract/errors.ts";
import { readConfig, type Config, type ConfigFlags } from "../config.ts";
import type { Environment } from "../home/home.ts";
import type { Output } from "../output.ts";
import { Remote } from "../remote/remote.ts";
import type { Context, TokenChoice } from "./command.ts";

/** The context of one run. Settings are read once, when a command asks for them. */
export function createContext(environment: Environment, output: Output, flags: ConfigFlags): Context {
  let config: Promise<Config> | undefined;
  const readOnce = (): Promise<Config> => (config ??= readConfig(environment, flags));
  return {
    environment,
    output,
    config: readOnce,
    remote: async (choice) => {
      const settings = await readOnce();
      return new Remote(settings.url, secretFor(settings, choice));
    },
  };
}

function secretFor({ aiToken, syncToken }: Config, choice: TokenChoice): string {
  const token = { ai: aiToken, sync: syncToken, any: aiToken ?? syncToken }[choice];
  if (token !== undefined) return token.secret;
  throw new AppError("unauthenticated", MISSING[choice], {
    hint: `Set ${VARIABLES[choice]}, write it into credentials.json, or pass --token-file`,
  });
}

const MISSING = {
  ai: "There is no AI token",
  sync: "There is no sync token",
  any: "There is no token",
} as const satisfies Record<TokenChoice, string>;

const VARIABLES = {
  ai: "MCP_MEMORY_TOKEN",
  sync: "SYNC_TOKEN",
  any: "MCP_MEMORY_TOKEN or SYNC_TOKEN",
} as const satisfies Record<TokenChoice, string>;
