import { AppError } from "../../contract/errors.ts";
import { keptElsewhere, readConfig, type Config, type ConfigFlags, type Token } from "../config.ts";
import type { Environment } from "../home/home.ts";
import type { Output } from "../output.ts";
import { Feeder } from "../remote/feeder.ts";
import { Reader } from "../remote/reader.ts";
import type { Context } from "./command.ts";

/** The context of one run. Settings are read once, when a command asks for them. */
export function createContext(environment: Environment, output: Output, flags: ConfigFlags): Context {
  let config: Promise<Config> | undefined;
  const readOnce = (): Promise<Config> => (config ??= readConfig(environment, flags));
  return {
    environment,
    output,
    config: readOnce,
    reader: async () => {
      const config = await readOnce();
      return new Reader(config.url, required(config.aiToken ?? config.syncToken, MISSING.any, config));
    },
    feeder: async () => {
      const config = await readOnce();
      return new Feeder(config.url, required(config.syncToken, MISSING.sync, config));
    },
    aiToken: async () => {
      const config = await readOnce();
      return required(config.aiToken, MISSING.ai, config);
    },
  };
}

const MISSING = {
  any: { message: "There is no token", variables: "MCP_MEMORY_TOKEN or SYNC_TOKEN" },
  sync: { message: "There is no sync token", variables: "SYNC_TOKEN" },
  ai: { message: "There is no AI token", variables: "MCP_MEMORY_TOKEN" },
};

function required(
  token: Token | undefined,
  { message, variables }: { message: string; variables: string },
  config: Config,
): Token {
  if (token !== undefined) return token;
  const elsewhere = keptElsewhere(config);
  if (elsewhere !== undefined)
    throw new AppError("unauthenticated", `${message} for this server: ${elsewhere.message}`, {
      hint: elsewhere.hint,
    });
  throw new AppError("unauthenticated", message, {
    hint: `Set ${variables}, write it into credentials.json, or pass --token-file`,
  });
}
