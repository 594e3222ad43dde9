import { AppError } from "../../contract/errors.ts";
import { readConfig, type Config, type ConfigFlags, type Token } from "../config.ts";
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
      const { url, aiToken, syncToken } = await readOnce();
      return new Reader(url, required(aiToken ?? syncToken, MISSING.any));
    },
    feeder: async () => {
      const { url, syncToken } = await readOnce();
      return new Feeder(url, required(syncToken, MISSING.sync));
    },
  };
}

const MISSING = {
  any: { message: "There is no token", variables: "MCP_MEMORY_TOKEN or SYNC_TOKEN" },
  sync: { message: "There is no sync token", variables: "SYNC_TOKEN" },
};

function required(
  token: Token | undefined,
  { message, variables }: { message: string; variables: string },
): Token {
  if (token !== undefined) return token;
  throw new AppError("unauthenticated", message, {
    hint: `Set ${variables}, write it into credentials.json, or pass --token-file`,
  });
}
