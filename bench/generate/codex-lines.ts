import { toolRun } from "./tool-output.ts";
import type { Scene } from "./scene.ts";

/** Lines of a Codex rollout without end, in the shapes of its version 0.141: most things stand there twice. */
export function* codexLines(scene: Scene): Generator<object> {
  yield* headLines(scene);
  for (;;) {
    yield* promptLines(scene);
    for (let step = 1 + scene.random.integer(12); step > 0; step -= 1) yield* stepLines(scene);
    yield* answerLines(scene);
  }
}

function line({ now }: Scene, type: string, payload: object): object {
  return { timestamp: now(), type, payload };
}

function* headLines(scene: Scene): Generator<object> {
  const { sessionId, cwd, writer, now } = scene;
  const meta = {
    id: sessionId,
    timestamp: now(),
    cwd,
    originator: "codex_cli",
    cli_version: "0.141.0",
    source: "cli",
  };
  yield line(scene, "session_meta", {
    ...meta,
    model_provider: "openai",
    base_instructions: { text: writer.paragraph(80) },
  });
  const context = `<environment_context>\n  <cwd>${cwd}</cwd>\n  <shell>bash</shell>\n</environment_context>`;
  yield line(scene, "response_item", {
    type: "message",
    role: "user",
    content: [{ type: "input_text", text: context }],
  });
}

function* promptLines(scene: Scene): Generator<object> {
  const { random, writer, cwd } = scene;
  const chinese = random.chance(0.1) ? ` ${writer.chinese(8 + random.integer(20))}` : "";
  const text = `${writer.sentence(scene.planted.shift())} ${writer.paragraph(random.integer(4))}${chinese}`;
  yield line(scene, "event_msg", {
    type: "task_started",
    turn_id: random.uuid(),
    model_context_window: 258_400,
  });
  yield line(scene, "turn_context", {
    turn_id: random.uuid(),
    cwd,
    approval_policy: "never",
    model: "gpt-5-codex",
    summary: "auto",
  });
  yield line(scene, "response_item", {
    type: "message",
    role: "user",
    content: [{ type: "input_text", text }],
  });
  yield line(scene, "event_msg", {
    type: "user_message",
    message: text,
    images: [],
    local_images: [],
    text_elements: [],
  });
}

function* stepLines(scene: Scene): Generator<object> {
  const { random, writer } = scene;
  const thought = writer.paragraph(1 + random.integer(3));
  yield line(scene, "event_msg", { type: "agent_reasoning", text: thought });
  yield line(scene, "response_item", {
    type: "reasoning",
    summary: [{ type: "summary_text", text: thought }],
    content: null,
    encrypted_content: random.base64(400 + random.integer(1600)),
  });
  yield* callLines(scene);
  yield line(scene, "event_msg", {
    type: "token_count",
    info: tokensOf(scene),
    rate_limits: limitsOf(scene),
  });
}

function* callLines(scene: Scene): Generator<object> {
  const { random } = scene;
  const { kind, subject, output } = toolRun(scene, random.chance(0.3) ? scene.planted.shift() : undefined);
  const command =
    kind === "shell" ? subject : kind === "read" ? `cat ${subject}` : `apply_patch ${subject}\n${output}`;
  const call_id = `call_${random.hex(24)}`;
  yield line(scene, "response_item", {
    type: "function_call",
    name: "exec_command",
    arguments: JSON.stringify({ cmd: command }),
    call_id,
  });
  const head = `Chunk ID: ${random.hex(6)}\nWall time: 0.${random.integer(9999)} seconds\nProcess exited with code 0\nOutput:\n`;
  yield line(scene, "response_item", { type: "function_call_output", call_id, output: `${head}${output}` });
}

function* answerLines(scene: Scene): Generator<object> {
  const text = scene.writer.paragraph(3 + scene.random.integer(8));
  yield line(scene, "event_msg", {
    type: "agent_message",
    message: text,
    phase: null,
    memory_citation: null,
  });
  yield line(scene, "response_item", {
    type: "message",
    role: "assistant",
    content: [{ type: "output_text", text }],
  });
  yield line(scene, "event_msg", {
    type: "task_complete",
    turn_id: scene.random.uuid(),
    last_agent_message: text,
  });
}

function tokensOf({ random }: Scene): object {
  const tokens = () => ({
    input_tokens: random.integer(200_000),
    cached_input_tokens: random.integer(190_000),
    output_tokens: random.integer(900),
    reasoning_output_tokens: random.integer(500),
    total_tokens: random.integer(200_000),
  });
  return { total_token_usage: tokens(), last_token_usage: tokens(), model_context_window: 258_400 };
}

function limitsOf({ random }: Scene): object {
  const window = () => ({
    used_percent: random.integer(100),
    window_minutes: 300,
    resets_at: 1_795_000_000 + random.integer(1e6),
  });
  return { limit_id: "codex", limit_name: null, primary: window(), secondary: window(), credits: null };
}
