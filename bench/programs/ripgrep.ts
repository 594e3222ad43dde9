import { spawn } from "node:child_process";
import { once } from "node:events";
import { rgPath } from "@vscode/ripgrep";

/** Exit code of ripgrep when it found nothing. */
const NOTHING = 1;

export interface Grep {
  /** Texts, any of which is looked for, whatever the case; or one regular expression, where case counts. */
  patterns: readonly string[];
  kind: "fixed" | "regex";
  /** Whether the files are gzip archives. */
  compressed: boolean;
  folders: readonly string[];
}

/**
 * ripgrep over everything, the same program that the server brings, its JSON taken to the end. Gives whether it found
 * something. Throws when it failed.
 */
export async function runRipgrep({ patterns, kind, compressed, folders }: Grep): Promise<boolean> {
  const options = [
    "--no-config",
    "--no-ignore",
    "--json",
    ...(compressed ? ["--search-zip", "--glob=*.jsonl.gz"] : []),
    ...(kind === "fixed" ? ["--fixed-strings", "--ignore-case"] : []),
    ...patterns.flatMap((pattern) => ["-e", pattern]),
  ];
  const child = spawn(rgPath, [...options, "--", ...folders], { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let matched = false;
  for await (const chunk of child.stdout) matched ||= String(chunk).includes('"type":"match"');
  const [code] = await closed;
  if (code !== 0 && code !== NOTHING) throw new Error(`ripgrep ended with ${String(code)}`);
  return matched;
}
