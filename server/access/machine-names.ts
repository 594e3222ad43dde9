import { AppError } from "../../contract/errors.ts";
import { NamePart } from "../../contract/ids.ts";
import { slugify } from "../../contract/names.ts";

/** The slug of a machine that a person named. Throws `invalid_input`. */
export function machineSlug(name: string): string {
  if (!NamePart.safeParse(name).success)
    throw new AppError("invalid_input", "machine: a name of at most 200 characters, with a letter or digit");
  return slugify(name);
}

/**
 * Refuses a machine whose workspaces' pattern would cover another machine's: `laptop-*` covers `laptop-2-codex-x`.
 * `others`: slugs of the machines there are. Throws `conflict`.
 */
export function assertApart(machine: string, others: Iterable<string>): void {
  for (const other of others)
    if (other.startsWith(`${machine}-`) || machine.startsWith(`${other}-`))
      throw new AppError(
        "conflict",
        `"${machine}" and "${other}" cannot be told apart by their first words`,
        {
          hint: `A token for ${machine}-* would reach workspaces of both; give this machine a name such as "${machine.replaceAll("-", "")}"`,
        },
      );
}
