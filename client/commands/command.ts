import type { Config, Token } from "../config.ts";
import type { Environment } from "../home/home.ts";
import type { Output } from "../output.ts";
import type { Feeder } from "../remote/feeder.ts";
import type { Reader } from "../remote/reader.ts";
import type { Outcome } from "./exit.ts";

export interface Option {
  readonly type: "string" | "boolean";
  readonly summary: string;
  /** What stands for the value in the help, for example `FILE`. */
  readonly value?: string;
  /** One letter. */
  readonly short?: string;
}
export type Options = Readonly<Record<string, Option>>;

/** What a command may use. Nothing here was read or opened before it is asked for. */
export interface Context {
  readonly environment: Environment;
  readonly output: Output;
  /** Settings of this run: flags, environment, config file, defaults. Throws when the config file is wrong. */
  config(): Promise<Config>;
  /** The server to read from, with the AI token, else the sync token. Throws `unauthenticated` with a hint when there is none. */
  reader(): Promise<Reader>;
  /** The server to feed, with the sync token. Throws `unauthenticated` with a hint when there is none. */
  feeder(): Promise<Feeder>;
  /** The AI token itself, for what speaks MCP. Throws `unauthenticated` with a hint when there is none. */
  aiToken(): Promise<Token>;
}

/** Parsed arguments of one command; asking for an option it does not have does not compile. */
export class Arguments<Name extends string> {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  constructor(
    values: Readonly<Record<string, string | boolean | undefined>>,
    positionals: readonly string[],
  ) {
    this.#values = values;
    this.positionals = positionals;
  }

  flag(name: Name): boolean {
    return this.#values[name] === true;
  }

  option(name: Name): string | undefined {
    const value = this.#values[name];
    return typeof value === "string" ? value : undefined;
  }
}

interface CommandSpec<Name extends string> {
  readonly name: string;
  readonly summary: string;
  /** What follows the name, for example `<query>`; absent: the command takes no positional arguments. */
  readonly positionals?: string;
  readonly options: Readonly<Record<Name, Option>>;
  /** Longer help, below the options. */
  readonly details?: string;
  run(context: Context, args: Arguments<Name>): Promise<Outcome>;
}

/** One row of the command table. */
export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly positionals?: string;
  readonly options: Options;
  readonly details?: string;
  run(context: Context, args: Arguments<string>): Promise<Outcome>;
}

/** A command is a value; its options give `args` its type. */
export function defineCommand<const Name extends string>(spec: CommandSpec<Name>): Command {
  return spec;
}

/** The command line was wrong; the program ends with the usage code and shows the hint. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
