import { toolRun, type ToolRun } from "./tool-output.ts";
import type { Scene } from "./scene.ts";

/** Lines of a Claude Code transcript without end, in the shapes of its version 2.1: much of them is not conversation. */
export function* claudeLines(scene: Scene): Generator<object> {
  const thread = new Thread(scene);
  yield { type: "mode", mode: "normal", sessionId: scene.sessionId };
  for (;;) {
    yield* promptLines(scene, thread);
    for (let step = 1 + scene.random.integer(12); step > 0; step -= 1) yield* stepLines(scene, thread);
    yield thread.assistant([{ type: "text", text: scene.writer.paragraph(3 + scene.random.integer(8)) }]);
  }
}

/** What every line of a conversation carries around its content. */
class Thread {
  readonly #scene: Scene;
  #parent: string | undefined;
  #messageId = "";
  #requestId = "";

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  user(content: unknown, extra: object = {}): object {
    const { random } = this.#scene;
    return this.#line({
      promptId: random.uuid(),
      type: "user",
      message: { role: "user", content },
      ...extra,
    });
  }

  assistant(content: unknown): object {
    const { random } = this.#scene;
    if (this.#messageId === "" || random.chance(0.6)) {
      this.#messageId = `msg_01${random.hex(24)}`;
      this.#requestId = `req_01${random.hex(24)}`;
    }
    const message = {
      id: this.#messageId,
      type: "message",
      role: "assistant",
      model: "claude-opus-5-5",
      content,
    };
    return this.#line({
      message: {
        ...message,
        stop_reason: "tool_use",
        stop_sequence: null,
        usage: usageOf(this.#scene),
        stop_details: null,
      },
      apiBlockIndex: random.integer(3),
      requestId: this.#requestId,
      requestRef: random.uuid(),
      requestedModel: "claude-opus-5-5",
      promptCacheRequested: "5m",
      type: "assistant",
      effort: "medium",
      perTurnEffort: "medium",
      madeBy: "model",
    });
  }

  #line(content: object): object {
    const { random, now, cwd, sessionId } = this.#scene;
    const uuid = random.uuid();
    const parentUuid = this.#parent ?? null;
    this.#parent = uuid;
    const place = {
      userType: "external",
      entrypoint: "cli",
      cwd,
      sessionId,
      version: "2.1.329",
      gitBranch: "main",
    };
    return { parentUuid, isSidechain: false, ...content, uuid, timestamp: now(), ...place };
  }
}

function* promptLines(scene: Scene, thread: Thread): Generator<object> {
  const { random, writer, sessionId, now } = scene;
  const chinese = random.chance(0.1) ? ` ${writer.chinese(8 + random.integer(20))}` : "";
  const planted = scene.planted.shift();
  const content = `${writer.sentence(planted)} ${writer.paragraph(random.integer(4))}${chinese}`;
  yield { type: "queue-operation", operation: "enqueue", timestamp: now(), sessionId, content };
  yield thread.user(content, { permissionMode: "default", promptSource: "typed", turnOrigin: "user" });
  yield { type: "last-prompt", lastPrompt: content.slice(0, 200), sessionId };
}

/** The model thinks, calls a tool, and is told what came of it. */
function* stepLines(scene: Scene, thread: Thread): Generator<object> {
  const { random, writer } = scene;
  if (random.chance(0.5)) {
    const thinking = writer.paragraph(1 + random.integer(4));
    yield thread.assistant([
      { type: "thinking", thinking, signature: random.base64(300 + random.integer(900)) },
    ]);
  }
  const run = toolRun(scene, random.chance(0.3) ? scene.planted.shift() : undefined);
  const id = `toolu_01${random.hex(24)}`;
  yield thread.assistant([{ type: "tool_use", id, name: TOOLS[run.kind], input: inputOf(run) }]);
  const result = { tool_use_id: id, type: "tool_result", content: run.output };
  yield thread.user([result], {
    toolUseResult: resultOf(run),
    sourceToolAssistantUUID: random.uuid(),
    permissionDecision: { decision: "accept", source: "config", reasonType: "rule", ruleSource: "cliArg" },
  });
}

const TOOLS = { read: "Read", shell: "Bash", edit: "Edit" } as const satisfies Record<
  ToolRun["kind"],
  string
>;

function inputOf({ kind, subject, output }: ToolRun): object {
  if (kind === "shell") return { command: subject, description: `Run ${subject}` };
  return kind === "read"
    ? { file_path: subject }
    : { file_path: subject, old_string: output.slice(0, 200), new_string: output };
}

/** The second copy of the output, for the screen. */
function resultOf({ kind, subject, output }: ToolRun): object {
  if (kind === "shell")
    return { stdout: output, stderr: "", interrupted: false, isImage: false, noOutputExpected: false };
  const numLines = output.split("\n").length;
  if (kind === "read")
    return {
      type: "text",
      file: { filePath: subject, content: output, numLines, startLine: 1, totalLines: numLines },
    };
  return {
    filePath: subject,
    oldString: output.slice(0, 200),
    newString: output,
    originalFile: null,
    userModified: false,
    replaceAll: false,
  };
}

function usageOf({ random }: Scene): object {
  return {
    input_tokens: random.integer(20),
    cache_creation_input_tokens: random.integer(9000),
    cache_read_input_tokens: random.integer(190_000),
    output_tokens: random.integer(900),
    output_tokens_details: { thinking_tokens: random.integer(500) },
    server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
    service_tier: "standard",
    cache_creation: { ephemeral_1h_input_tokens: 0, ephemeral_5m_input_tokens: random.integer(9000) },
    inference_geo: "",
    iterations: [],
    speed: "standard",
    fallback_credit: null,
  };
}
