import type { Random } from "../generate/random.ts";
import type { Said, Story } from "./story.ts";

interface Frame {
  random: Random;
  sessionId: string;
  cwd: string;
  /** The time of the next line; every call moves it on. */
  now: () => string;
}

/** Lines of a transcript as its client writes them, each with what is said in it; some say nothing. */
export function transcriptLines(
  client: Story["client"],
  said: readonly Said[],
  frame: Frame,
): { line: string; said: Said | undefined }[] {
  const linesOf = client === "codex" ? codexLines : claudeLines;
  const head = client === "codex" ? [codexHead(frame)] : [{ type: "mode", mode: "normal", sessionId: frame.sessionId }];
  const silent = head.map((line) => ({ line: JSON.stringify(line), said: undefined }));
  const spoken = said.flatMap((each) =>
    linesOf(each, frame).map((line, index) => ({ line: JSON.stringify(line), said: index === 0 ? each : undefined })),
  );
  return [...silent, ...spoken];
}

/** The line that says it, then what else the client writes down about it. */
function claudeLines({ by, text }: Said, { random, sessionId, cwd, now }: Frame): object[] {
  const place = { uuid: random.uuid(), timestamp: now(), cwd, sessionId, version: "2.1.329", gitBranch: "main" };
  const user = (content: unknown, more: object = {}) => ({ type: "user", message: { role: "user", content }, ...more, ...place });
  const assistant = (block: object) => ({
    type: "assistant",
    message: { id: `msg_01${random.hex(24)}`, role: "assistant", content: [block], usage: { output_tokens: random.integer(900) } },
    ...place,
  });
  const id = `toolu_01${random.hex(24)}`;
  switch (by) {
    case "user":
      return [user(text), { type: "last-prompt", lastPrompt: text.slice(0, 200), sessionId }];
    case "assistant":
      return [assistant({ type: "text", text })];
    case "thinking":
      return [assistant({ type: "thinking", thinking: text, signature: random.base64(400) })];
    case "command":
      return [assistant({ type: "tool_use", id, name: "Bash", input: { command: text } })];
    case "result":
      return [user([{ tool_use_id: id, type: "tool_result", content: text }], { toolUseResult: { stdout: text, stderr: "" } })];
  }
}

function codexHead({ sessionId, cwd, now }: Frame): object {
  return { timestamp: now(), type: "session_meta", payload: { id: sessionId, timestamp: now(), cwd, cli_version: "0.141.0" } };
}

/** Codex writes most things twice: as an item of the conversation and as an event for the screen. */
function codexLines({ by, text }: Said, { random, now }: Frame): object[] {
  const item = (payload: object) => ({ timestamp: now(), type: "response_item", payload });
  const event = (payload: object) => ({ timestamp: now(), type: "event_msg", payload });
  const call_id = `call_${random.hex(24)}`;
  switch (by) {
    case "user":
      return [
        item({ type: "message", role: "user", content: [{ type: "input_text", text }] }),
        event({ type: "user_message", message: text, images: [] }),
      ];
    case "assistant":
      return [
        item({ type: "message", role: "assistant", content: [{ type: "output_text", text }] }),
        event({ type: "agent_message", message: text }),
      ];
    case "thinking":
      return [item({ type: "reasoning", summary: [{ type: "summary_text", text }], encrypted_content: random.base64(600) })];
    case "command":
      return [item({ type: "function_call", name: "exec_command", arguments: JSON.stringify({ cmd: text }), call_id })];
    case "result":
      return [item({ type: "function_call_output", call_id, output: `Process exited with code 0\nOutput:\n${text}` })];
  }
}
