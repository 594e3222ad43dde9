import type { Frame } from "./frame.ts";
import type { Said } from "./story.ts";

/** What Codex writes down before anything is said. */
export function codexHead({ sessionId, cwd, now }: Frame): object {
  const payload = { id: sessionId, timestamp: now(), cwd, cli_version: "0.141.0" };
  return { timestamp: now(), type: "session_meta", payload };
}

/** The line of a Codex rollout that says it: most things stand there twice, as an item and as an event for the screen. */
export function codexLines(said: Said, frame: Frame): object[] {
  const item = { timestamp: frame.now(), type: "response_item", payload: itemOf(said, frame) };
  const { by, text: message } = said;
  if (by !== "user" && by !== "assistant") return [item];
  const payload = { type: by === "user" ? "user_message" : "agent_message", message };
  return [item, { timestamp: frame.now(), type: "event_msg", payload }];
}

function itemOf({ by, text }: Said, { random }: Frame): object {
  const call_id = `call_${random.hex(24)}`;
  const items = {
    user: { type: "message", role: "user", content: [{ type: "input_text", text }] },
    assistant: { type: "message", role: "assistant", content: [{ type: "output_text", text }] },
    thinking: {
      type: "reasoning",
      summary: [{ type: "summary_text", text }],
      encrypted_content: random.base64(600),
    },
    command: {
      type: "function_call",
      name: "exec_command",
      arguments: JSON.stringify({ cmd: text }),
      call_id,
    },
    result: { type: "function_call_output", call_id, output: `Process exited with code 0\nOutput:\n${text}` },
  };
  return items[by];
}
