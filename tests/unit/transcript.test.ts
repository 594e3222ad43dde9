import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { FactsCollector, readTurns, type Turn } from "../../contract/transcript.ts";
import { realTranscript, realTranscripts, type RealTranscript } from "../support/transcripts.ts";

const linesOf = ({ bytes }: Pick<RealTranscript, "bytes">): string[] => bytes.toString("utf8").split("\n");
const turnsOf = (transcript: RealTranscript): Turn[] => linesOf(transcript).flatMap(readTurns);
const said = (turns: Turn[], role: Turn["role"]): string[] =>
  turns.filter((turn) => turn.role === role).map(({ text }) => text);
const user = (content: unknown, rest: object = {}): string =>
  JSON.stringify({ type: "user", message: { role: "user", content }, ...rest });
const item = (payload: object): string =>
  JSON.stringify({ timestamp: "2026-11-21T06:45:16.195Z", type: "response_item", payload });

function factsOf(lines: string[]) {
  const collector = new FactsCollector();
  for (const line of lines) collector.add(line);
  return collector.facts();
}

describe("readTurns", () => {
  it.each(["old-2.0.77/projects/-home-dev-cc-2-0-77-projects-orchard/dc9e", "old-2.1.90", "old-2.1.233"])(
    "reads Claude Code %s as a conversation",
    (version) => {
      const turns = turnsOf(realTranscript(version));

      expect(said(turns, "user")).toEqual([
        expect.stringContaining("Look around. café"),
        expect.stringContaining("Thanks, café"),
      ]);
      expect(said(turns, "assistant")[0]).toContain("Looking café");
      expect(turns).toContainEqual({ role: "tool_call", name: "Bash", text: "cat README.md" });
      expect(said(turns, "tool_result")).toContain("# Orchard");
    },
  );

  it.each(["old-0.36.0", "old-0.55.0", "old-0.93.0", "old-0.118.0", "old-0.141.0"])(
    "reads Codex %s once, though its events repeat it",
    (version) => {
      const turns = turnsOf(realTranscript(version));

      expect(said(turns, "user")[0]).toContain("Look around. café");
      expect(said(turns, "thinking")).toEqual(["think"]);
      expect(said(turns, "assistant").slice(0, 2)).toEqual([
        expect.stringContaining("Looking café"),
        expect.stringContaining("Stored café"),
      ]);
      expect(new Set(said(turns, "user")).size).toBe(said(turns, "user").length);
      expect(turns).toContainEqual(expect.objectContaining({ role: "tool_call", text: "cat README.md" }));
      expect(said(turns, "tool_result")).toHaveLength(2);
    },
  );

  it("never shows the instructions that a client gives in the person's name", () => {
    const texts = realTranscripts().flatMap((transcript) => said(turnsOf(transcript), "user"));

    expect(
      texts.filter((text) =>
        /environment_context|AGENTS\.md instructions|<local-command|system-reminder/.test(text),
      ),
    ).toEqual([]);
  });

  it("reads every real transcript as a conversation that a person began", () => {
    const silent = realTranscripts().filter((transcript) => said(turnsOf(transcript), "user").length === 0);

    expect(silent.map(({ path }) => path)).toEqual([]);
  });

  it("shows commands, summaries and errors for what they are", () => {
    const compacted = turnsOf(realTranscript("d8a8fdc2"));
    const failed = turnsOf(realTranscript("dbcc5950"));
    const codex = turnsOf(realTranscript("01a1fcdb-956e"));

    expect(said(compacted, "user")).toEqual(
      expect.arrayContaining(["! echo bang-command", "/compact keep the apples"]),
    );
    expect(said(compacted, "tool_result")).toContain("bang-command");
    expect(said(compacted, "system")).toContainEqual(
      expect.stringContaining("This session is being continued"),
    );
    expect(said(failed, "system")).toEqual([
      "API error: 529 Overloaded",
      "API error: 500 Internal server error",
      expect.stringContaining("Prompt is too long"),
    ]);
    expect(said(codex, "system")).toEqual([
      expect.stringContaining("AUTO HANDOFF SUMMARY: a long task was started."),
    ]);
  });

  it.each<[string, string, Turn[]]>([
    ["no JSON", "{not json", []],
    ["no object", "[1,2]", []],
    ["an unknown kind", '{"type":"tomorrow","message":{"content":"x"}}', []],
    ["an attachment", '{"type":"attachment","attachment":{"type":"date"},"rendered":[{"content":"x"}]}', []],
    [
      "a queued prompt",
      '{"type":"attachment","attachment":{"type":"queued_command","prompt":"and then?"}}',
      [{ role: "user", text: "and then?" }],
    ],
    ["an image", user([{ type: "image", source: { data: "AAAA" } }]), [{ role: "user", text: "[image]" }]],
    ["meta text", user("hidden", { isMeta: true }), []],
    [
      "text beside an injected reminder",
      user([
        { type: "text", text: "<system-reminder>x</system-reminder>" },
        { type: "text", text: "hi" },
      ]),
      [{ role: "user", text: "hi" }],
    ],
    [
      "a bare item of the oldest rollouts",
      '{"type":"message","role":"user","content":[{"type":"input_text","text":"hi"}]}',
      [{ role: "user", text: "hi" }],
    ],
    [
      "a command as a list",
      item({ type: "function_call", name: "shell", arguments: '{"command":["bash","-lc","ls -la"]}' }),
      [{ role: "tool_call", name: "shell", text: "ls -la" }],
    ],
    [
      "a local shell call",
      item({ type: "local_shell_call", action: { type: "exec", command: ["git", "log"] } }),
      [{ role: "tool_call", name: "shell", text: "git log" }],
    ],
    [
      "arguments that are no JSON",
      item({ type: "function_call", name: "x", arguments: "{oops" }),
      [{ role: "tool_call", name: "x", text: "{oops" }],
    ],
    [
      "an event that repeats an item",
      '{"type":"event_msg","payload":{"type":"agent_message","message":"hi"}}',
      [],
    ],
    [
      "an error event",
      '{"type":"event_msg","payload":{"type":"error","message":"quota"}}',
      [{ role: "system", text: "Error: quota" }],
    ],
  ])("reads %s", (_, line, turns) => {
    expect(readTurns(line)).toEqual(turns);
  });

  it("never throws, whatever a line holds", () => {
    const deep = `{"type":"user","message":{"content":${"[".repeat(100_000)}${"]".repeat(100_000)}}}`;
    const shapes = fc.record({
      type: fc.constantFrom(
        "user",
        "assistant",
        "system",
        "custom-title",
        "response_item",
        "event_msg",
        "compacted",
        "message",
      ),
      payload: fc.option(fc.jsonValue(), { nil: undefined }),
      subtype: fc.constantFrom("api_error", "compact_boundary", "local_command"),
      message: fc.oneof(
        fc.jsonValue(),
        fc.record({
          content: fc.oneof(
            fc.jsonValue(),
            fc.array(
              fc.record({
                type: fc.constantFrom("text", "tool_use", "tool_result", "thinking"),
                text: fc.jsonValue(),
                input: fc.jsonValue(),
                content: fc.jsonValue(),
              }),
            ),
          ),
        }),
      ),
      content: fc.jsonValue(),
      error: fc.jsonValue(),
      timestamp: fc.jsonValue(),
    });

    expect(() => readTurns(deep)).not.toThrow();
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          shapes.map((shape) => JSON.stringify(shape)),
        ),
        (line) => {
          const collector = new FactsCollector();
          collector.add(line);
          collector.facts();
          for (const turn of readTurns(line)) expect(typeof turn.text).toBe("string");
        },
      ),
    );
  });
});

describe("FactsCollector", () => {
  it("knows the id, the folder, the times and the first prompt of every real transcript", () => {
    for (const transcript of realTranscripts()) {
      const facts = factsOf(linesOf(transcript));

      expect(facts.sessionId?.endsWith(transcript.fileId), transcript.path).toBe(true);
      expect(facts.tool, transcript.path).toBe(transcript.client === "claude" ? "claude-code" : "codex");
      expect(facts.cwd, transcript.path).toMatch(/^\/home\/dev\//);
      expect(facts.started, transcript.path).toMatch(/^2026-11-21T06:/);
      expect(
        facts.ended !== undefined && facts.started !== undefined && facts.ended >= facts.started,
        transcript.path,
      ).toBe(true);
      expect(facts.firstPrompt, transcript.path).not.toBe("");
      expect(facts.firstPrompt, transcript.path).not.toContain("\n");
    }
  });

  it("names the parent of a subagent", () => {
    const claude = factsOf(linesOf(realTranscript("agent-a32db4aac50e3c98b")));
    const codex = factsOf(linesOf(realTranscript("01a1fcda-2be6")));

    expect(claude).toMatchObject({
      sessionId: "1ca781f9-2498-4c05-b5fc-9bbf97cfc300.agent-a32db4aac50e3c98b",
      parent: "1ca781f9-2498-4c05-b5fc-9bbf97cfc300",
    });
    expect(codex).toMatchObject({
      sessionId: "01a1fcda-2be6-7fb3-ae4d-bd7957901e3b",
      parent: "01a1fcda-2b1f-7991-9f65-ce86e5a54080",
    });
  });

  it("takes the last time and the last title, also after everything else is known", () => {
    const facts = factsOf([
      user("first\n  question", { sessionId: "s", timestamp: "2026-01-01T00:00:00Z" }),
      '{"type":"custom-title","customTitle":"early","sessionId":"s"}',
      user("second", { sessionId: "s", timestamp: "2026-01-02T00:00:00+02:00" }),
      '{"type":"custom-title","customTitle":"late","sessionId":"s"}',
    ]);

    expect(facts).toMatchObject({
      started: "2026-01-01T00:00:00.000Z",
      ended: "2026-01-01T22:00:00.000Z",
      firstPrompt: "first question",
      title: "late",
    });
  });

  it("goes on from known facts", () => {
    const collector = new FactsCollector(
      factsOf([user("hello", { sessionId: "s", timestamp: "2026-01-01T00:00:00Z" })]),
    );

    collector.add(user("more", { sessionId: "other", timestamp: "2026-01-03T00:00:00Z" }));

    expect(collector.facts()).toMatchObject({
      sessionId: "s",
      firstPrompt: "hello",
      ended: "2026-01-03T00:00:00.000Z",
    });
  });

  it.each([
    [
      "claude-code",
      (image: string) =>
        `{"parentUuid":null,"isSidechain":true,"agentId":"a1","cwd":"/w","sessionId":"s","gitBranch":"main",` +
        `"type":"user","message":{"role":"user","content":[{"type":"image","source":{"data":"${image}"}},` +
        `{"type":"text","text":"what \\"is\\"\\nthis? \\ud83d\\ude00"}]},"uuid":"u","timestamp":"2026-01-02T03:04:05.000Z"}`,
      { sessionId: "s.agent-a1", parent: "s", cwd: "/w", gitBranch: "main" },
    ],
    [
      "codex",
      (image: string) =>
        `{"timestamp":"2026-01-02T03:04:05.000Z","type":"response_item","payload":{"type":"message","role":"user",` +
        `"content":[{"type":"input_image","image_url":"${image}"},{"type":"input_text","text":"what \\"is\\"\\nthis? \\ud83d\\ude00"}]}}`,
      {},
    ],
  ])("searches a line of %s that is too long to be parsed", (tool, lineWith, more) => {
    const line = lineWith("QUJD".repeat(LIMITS.sessions.parsedLineBytes / 4));

    expect(factsOf([line])).toEqual({
      tool,
      ...more,
      started: "2026-01-02T03:04:05.000Z",
      ended: "2026-01-02T03:04:05.000Z",
      firstPrompt: 'what "is" this? 😀',
    });
  });

  it("finds out which session a long first line of codex begins", () => {
    const line = JSON.stringify({
      timestamp: "2026-01-02T03:04:05.000Z",
      type: "session_meta",
      payload: {
        id: "s",
        cwd: "/w",
        base_instructions: { text: "x".repeat(LIMITS.sessions.parsedLineBytes) },
      },
    });

    expect(factsOf([line])).toMatchObject({ tool: "codex", sessionId: "s", cwd: "/w", firstPrompt: "" });
  });

  it("takes no tool's result for a prompt, however long", () => {
    const result = user([{ type: "tool_result", content: [{ type: "text", text: "x".repeat(300_000) }] }], {
      sessionId: "s",
    });

    expect(factsOf([result, user("asked", { sessionId: "s" })]).firstPrompt).toBe("asked");
  });

  it("parses only so much before it takes the rest as it comes", () => {
    const filler = JSON.stringify({ type: "note", text: "x".repeat(200_000) });
    const collector = new FactsCollector();
    let lines = 0;
    for (; !collector.complete && lines < 1000; lines += 1) collector.add(filler);

    expect(lines * filler.length).toBeGreaterThanOrEqual(LIMITS.sessions.parsedBytes);
    expect(lines).toBeLessThan(100);
    collector.add(user("too late", { sessionId: "s", timestamp: "2026-01-03T00:00:00Z" }));
    collector.add('{"type":"custom-title","customTitle":"in time"}');
    expect(collector.facts()).toEqual({
      tool: "unknown",
      firstPrompt: "",
      title: "in time",
      ended: "2026-01-03T00:00:00.000Z",
    });
  });

  it("cuts a long first prompt to the limit, never inside a character", () => {
    const limit = LIMITS.sessions.firstPromptChars;
    const prompt = (length: number): string =>
      factsOf([user("😀".repeat(length), { sessionId: "s" })]).firstPrompt;

    expect(Array.from(prompt(limit))).toHaveLength(limit);
    expect(prompt(limit).endsWith("😀")).toBe(true);
    expect(Array.from(prompt(limit + 1))).toHaveLength(limit);
    expect(prompt(limit + 1).endsWith("😀…")).toBe(true);
  });

  it.each(["2026-13-45T99:99:99Z", "1970-01-01", "yesterday", "+012026-01-01T00:00:00Z"])(
    "does not take %s for a time",
    (timestamp) => {
      expect(factsOf([user("x", { sessionId: "s", timestamp })]).started).toBeUndefined();
    },
  );
});
