import type { Frame } from "./frame.ts";
import type { Said } from "./story.ts";

/** What Claude Code writes down before anything is said. */
export function claudeHead({ sessionId }: Frame): object {
  return { type: "mode", mode: "normal", sessionId };
}

/** The line of a Claude Code transcript that says it, then what else the client notes about it. */
export function claudeLines(said: Said, frame: Frame): object[] {
  const { sessionId } = frame;
  const spoken = { ...contentOf(said, frame), ...placeOf(frame) };
  if (said.by !== "user") return [spoken];
  return [spoken, { type: "last-prompt", lastPrompt: said.text.slice(0, 200), sessionId }];
}

function placeOf({ random, sessionId, cwd, now }: Frame): object {
  return { uuid: random.uuid(), timestamp: now(), cwd, sessionId, version: "2.1.329", gitBranch: "main" };
}

function contentOf({ by, text }: Said, { random }: Frame): object {
  const id = `toolu_01${random.hex(24)}`;
  if (by === "user") return { type: "user", message: { role: "user", content: text } };
  if (by === "result") {
    const content = [{ tool_use_id: id, type: "tool_result", content: text }];
    return { type: "user", message: { role: "user", content }, toolUseResult: { stdout: text, stderr: "" } };
  }
  const blocks = {
    assistant: { type: "text", text },
    thinking: { type: "thinking", thinking: text, signature: random.base64(400) },
    command: { type: "tool_use", id, name: "Bash", input: { command: text } },
  };
  const usage = { output_tokens: random.integer(900) };
  return {
    type: "assistant",
    message: { id: `msg_01${random.hex(24)}`, role: "assistant", content: [blocks[by]], usage },
  };
}
