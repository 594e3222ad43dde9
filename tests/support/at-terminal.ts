import { spawn } from "node:child_process";
import { once } from "node:events";
import { childEnv } from "./child-env.ts";
import { tool } from "./tool.ts";

/** Runs a command with a terminal of its own; undefined where there is no such program. */
export const TERMINAL = tool("script", "bsdutils");

/** Runs a command at a terminal of its own, and types each answer when it is asked for; gives all that was to be seen there. */
export async function atTerminal(
  { home, env }: { home: string; env: Record<string, string> },
  command: string,
  answers: Record<string, string>,
) {
  const child = spawn(TERMINAL ?? "", ["-qec", command, "/dev/null"], {
    cwd: home,
    env: childEnv({ HOME: home, ...env }),
    stdio: "pipe",
  });
  let screen = "";
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString();
    for (const [question, answer] of Object.entries(answers))
      if (screen.endsWith(question)) child.stdin.write(`${answer}\r`);
  });
  const [code] = await once(child, "close");
  return { code, screen };
}
