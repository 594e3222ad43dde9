import { runHook } from "../hooks/hook.ts";
import { defineCommand } from "./command.ts";

export const claudeHook = defineCommand({
  name: "claude-hook",
  summary: "For hooks of Claude Code and Codex: save the session in the payload on stdin",
  options: {},
  details:
    "Reads the hook's JSON from stdin, writes a job to the outbox, starts a worker in the background and ends with " +
    "code 0 within 300 ms, whatever happens. Events: SessionEnd, Stop, SubagentStop, PreCompact. What goes wrong is " +
    "written to log/hook.log.",
  async run() {
    await runHook();
    return "ok";
  },
});
