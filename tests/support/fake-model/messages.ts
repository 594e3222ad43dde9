import type { ServerResponse } from "node:http";
import * as z from "zod";
import { event } from "./events.ts";
import { FakeModel, type Script } from "./fake-model.ts";

const Body = z.object({
  model: z.string(),
  stream: z.boolean().optional(),
  tools: z.array(z.object({ name: z.string() })).default([]),
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});
type Body = z.infer<typeof Body>;

interface Block {
  content: object;
  start: object;
  delta: object;
  stop_reason: string;
}

/** Anthropic's Messages API, as Claude Code uses it: JSON or a stream of events. */
export function fakeMessages(script: Script): Promise<FakeModel> {
  return FakeModel.start({ path: "/v1/messages", answer, script });
}

function answer(given: unknown, script: Script, response: ServerResponse): void {
  const body = Body.parse(given);
  const block = calls(body, script) ? toolUse(script) : text(said(body, script));
  const message = { id: "msg_01", type: "message", role: "assistant", model: body.model };
  const usage = { input_tokens: 1, output_tokens: 1 };
  if (body.stream !== true) {
    const { stop_reason, content } = block;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ ...message, content: [content], stop_reason, usage }));
    return;
  }
  response.setHeader("Content-Type", "text/event-stream");
  event(response, "message_start", {
    message: { ...message, content: [], stop_reason: null, stop_sequence: null, usage },
  });
  event(response, "content_block_start", { index: 0, content_block: block.start });
  event(response, "content_block_delta", { index: 0, delta: block.delta });
  event(response, "content_block_stop", { index: 0 });
  const delta = { stop_reason: block.stop_reason, stop_sequence: null };
  event(response, "message_delta", { delta, usage: { output_tokens: 1 } });
  event(response, "message_stop", {});
  response.end();
}

/** Side questions, such as for a title, offer no tools of ours; after a tool's result it is time to speak. */
function calls({ tools, messages }: Body, { tool }: Script): boolean {
  const last = JSON.stringify(messages.at(-1)?.content);
  return tools.some(({ name }) => name === tool) && !last.includes('"tool_result"');
}

/** A side question has no tool's result in it: it gets the plain sentence. */
function said({ messages }: Body, { say, sayOf }: Script): string {
  const result = JSON.stringify(messages.findLast(({ content }) => isResult(content))?.content);
  return sayOf === undefined || result === undefined ? say : sayOf(result);
}

function isResult(content: unknown): boolean {
  return JSON.stringify(content ?? null).includes('"tool_result"');
}

function text(said: string): Block {
  return {
    content: { type: "text", text: said },
    start: { type: "text", text: "" },
    delta: { type: "text_delta", text: said },
    stop_reason: "end_turn",
  };
}

function toolUse({ tool, input }: Script): Block {
  const start = { type: "tool_use", id: `toolu_${crypto.randomUUID()}`, name: tool, input: {} };
  return {
    content: { ...start, input },
    start,
    delta: { type: "input_json_delta", partial_json: JSON.stringify(input) },
    stop_reason: "tool_use",
  };
}
