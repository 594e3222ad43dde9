import type { ServerResponse } from "node:http";
import * as z from "zod";
import { event } from "./events.ts";
import { FakeModel, type Script } from "./fake-model.ts";

const Body = z.object({ input: z.array(z.object({ type: z.string().optional() })) });

/** OpenAI's Responses API, as Codex uses it: always a stream of events. A tool is `namespace/name`. */
export function fakeResponses(script: Script): Promise<FakeModel> {
  return FakeModel.start({ path: "/responses", answer, script });
}

function answer(given: unknown, script: Script, response: ServerResponse): void {
  const { input } = Body.parse(given);
  const item = input.at(-1)?.type === "function_call_output" ? message(script.say) : call(script);
  const answered = { id: "resp_01", object: "response", output: [] };
  response.setHeader("Content-Type", "text/event-stream");
  event(response, "response.created", { response: { ...answered, status: "in_progress" } });
  event(response, "response.output_item.added", {
    output_index: 0,
    item: { ...item, status: "in_progress" },
  });
  event(response, "response.output_item.done", { output_index: 0, item });
  event(response, "response.completed", {
    response: { ...answered, status: "completed", output: [item], usage: USAGE },
  });
  response.end();
}

const USAGE = {
  input_tokens: 1,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: 1,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 2,
};

function message(said: string): object {
  const content = [{ type: "output_text", text: said, annotations: [] }];
  return { type: "message", id: "msg_01", role: "assistant", status: "completed", content };
}

function call({ tool, input }: Script): object {
  const [namespace, name] = tool.split("/");
  const id = crypto.randomUUID();
  return {
    type: "function_call",
    id: `fc_${id}`,
    call_id: `call_${id}`,
    namespace,
    name,
    arguments: JSON.stringify(input),
    status: "completed",
  };
}
