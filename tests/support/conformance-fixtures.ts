import { randomBytes } from "node:crypto";
import {
  acceptedContent,
  type CallToolResult,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  type GetPromptResult,
  inputRequired,
  type InputRequiredResult,
  ProtocolError,
  ProtocolErrorCode,
  type ReadResourceResult,
  ResourceNotFoundError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import * as z from "zod";

/**
 * What the conformance suite expects of a server by name. It is served behind this product's own HTTP side and
 * endpoint, so that the suite can look at everything that they do with messages.
 */

const IMAGE =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
const AUDIO = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";

const DeclaredCapabilities = z.object({
  [CLIENT_CAPABILITIES_META_KEY]: z.object({
    elicitation: z.unknown().optional(),
    sampling: z.unknown().optional(),
    roots: z.unknown().optional(),
  }),
});

type ToolAnswer = CallToolResult | InputRequiredResult;
type Tool = (context: ServerContext, given: Record<string, unknown>) => ToolAnswer | Promise<ToolAnswer>;

const requestState = createRequestStateCodec<{ round: number }>({ key: randomBytes(32) });

const text = (words: string) => ({ type: "text" as const, text: words });
const image = { type: "image" as const, data: IMAGE, mimeType: "image/png" };
const embedded = (uri: string, mimeType: string, words: string) => ({
  type: "resource" as const,
  resource: { uri, mimeType, text: words },
});
const says = (words: string): CallToolResult => ({ content: [text(words)] });

function ask(message: string, field: string) {
  const properties = { [field]: { type: "string" as const } };
  return inputRequired.elicit({
    message,
    requestedSchema: { type: "object", properties, required: [field] },
  });
}

function sample(question: string) {
  return inputRequired.createMessage({
    messages: [{ role: "user", content: text(question) }],
    maxTokens: 50,
  });
}

function answered(context: ServerContext, key: string): unknown {
  return context.mcpReq.inputResponses?.[key];
}

/** A tool that wants one input and then says that it has it. */
function wanting(key: string, request: () => ReturnType<typeof ask>): Tool {
  return (context) =>
    answered(context, key) === undefined
      ? inputRequired({ inputRequests: { [key]: request() } })
      : says(`${key}: ${JSON.stringify(answered(context, key))}`);
}

/** A tool that wants a confirmation, and its own state back untouched. */
const wantingState: Tool = async (context) => {
  const confirmed = acceptedContent(context.mcpReq.inputResponses, "confirm") !== undefined;
  if (confirmed && context.mcpReq.requestState() !== undefined) return says("state-ok");
  return inputRequired({
    inputRequests: { confirm: ask("Please confirm", "ok") },
    requestState: await requestState.mint({ round: 1 }),
  });
};

async function notify(context: ServerContext, words: string): Promise<void> {
  await context.mcpReq.notify({ method: "notifications/message", params: { level: "info", data: words } });
}

const TOOLS: Record<string, Tool> = {
  test_simple_text: () => says("This is a simple text response for testing."),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: "audio", data: AUDIO, mimeType: "audio/wav" }] }),
  test_embedded_resource: () => ({
    content: [embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }),
  test_multiple_content_types: () => ({
    content: [
      text("Multiple content types test:"),
      image,
      embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}'),
    ],
  }),
  test_error_handling: () => ({
    isError: true,
    content: [text("This tool intentionally returns an error for testing")],
  }),
  test_tool_with_logging: async (context) => {
    await notify(context, "Tool execution started");
    await notify(context, "Tool processing data");
    await notify(context, "Tool execution completed");
    return says("Tool with logging executed successfully");
  },
  test_tool_with_progress: async (context) => {
    const progressToken = context.mcpReq._meta?.progressToken;
    for (const progress of progressToken === undefined ? [] : [0, 50, 100])
      await context.mcpReq.notify({
        method: "notifications/progress",
        params: { progressToken, progress, total: 100, message: `Completed step ${progress} of 100` },
      });
    return says(String(progressToken));
  },
  test_missing_capability: wanting("llm_answer", () => sample("Say pong")),
  test_streaming_elicitation: () => says("no requests on this stream"),
  test_logging_tool: async (context) => {
    await context.mcpReq.log("info", "only for who asked for it");
    return says("logged");
  },
  json_schema_2020_12_tool: (_, given) => says(JSON.stringify(given)),
  test_input_required_result_elicitation: (context) => {
    const { name } = z
      .object({ name: z.string().optional() })
      .catch({})
      .parse(acceptedContent(context.mcpReq.inputResponses, "user_name"));
    if (name !== undefined) return says(`Hello, ${name}!`);
    return inputRequired({ inputRequests: { user_name: ask("What is your name?", "name") } });
  },
  test_input_required_result_sampling: wanting("capital_question", () =>
    sample("What is the capital of France?"),
  ),
  test_input_required_result_list_roots: wanting("client_roots", () => inputRequired.listRoots()),
  test_input_required_result_request_state: wantingState,
  test_input_required_result_tampered_state: wantingState,
  test_input_required_result_multiple_inputs: async (context) => {
    const keys = ["user_name", "greeting", "client_roots"];
    if (keys.every((key) => answered(context, key) !== undefined)) return says("all three inputs are here");
    return inputRequired({
      inputRequests: {
        user_name: ask("What is your name?", "name"),
        greeting: sample("Generate a greeting"),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await requestState.mint({ round: 1 }),
    });
  },
  test_input_required_result_multi_round: async (context) => {
    const round = (context.mcpReq.requestState<{ round: number }>()?.round ?? 0) + 1;
    if (round > 2) return says("Multi-round complete");
    return inputRequired({
      inputRequests: { [`step${round}`]: ask(`Step ${round}`, "answer") },
      requestState: await requestState.mint({ round }),
    });
  },
  test_input_required_result_capabilities: (context) => {
    if (context.mcpReq.inputResponses !== undefined) return says("fulfilled");
    const declared = DeclaredCapabilities.parse(context.mcpReq.envelope)[CLIENT_CAPABILITIES_META_KEY];
    const inputRequests = {
      ...(declared.elicitation !== undefined && { user_name: ask("What is your name?", "name") }),
      ...(declared.sampling !== undefined && { greeting: sample("Generate a greeting") }),
      ...(declared.roots !== undefined && { client_roots: inputRequired.listRoots() }),
    };
    return Object.keys(inputRequests).length === 0
      ? says("nothing to ask")
      : inputRequired({ inputRequests });
  },
};

const ANY_OBJECT = { type: "object" as const, properties: {} };
const INPUT_SCHEMAS: Record<string, { type: "object"; [keyword: string]: unknown }> = {
  json_schema_2020_12_tool: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: {
      address: {
        $anchor: "addressDef",
        type: "object",
        properties: { street: { type: "string" }, city: { type: "string" } },
      },
    },
    properties: {
      name: { type: "string" },
      address: { $ref: "#/$defs/address" },
      contactMethod: { type: "string", enum: ["phone", "email"] },
      phone: { type: "string" },
      email: { type: "string" },
    },
    allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
    if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { required: ["phone"] },
    else: { required: ["email"] },
    additionalProperties: false,
  },
};

const RESOURCES: Record<string, { mimeType: string; text: string } | { mimeType: string; blob: string }> = {
  "test://static-text": {
    mimeType: "text/plain",
    text: "This is the content of the static text resource.",
  },
  "test://static-binary": { mimeType: "image/png", blob: IMAGE },
  "test://watched-resource": { mimeType: "text/plain", text: "Watched resource content" },
};

type PromptAnswer = GetPromptResult | InputRequiredResult;
type Prompt = (given: Record<string, string>, context: ServerContext) => PromptAnswer;
const user = <C extends GetPromptResult["messages"][number]["content"]>(content: C) => ({
  role: "user" as const,
  content,
});

const PROMPTS: Record<string, { arguments: string[]; get: Prompt }> = {
  test_simple_prompt: {
    arguments: [],
    get: () => ({ messages: [user(text("This is a simple prompt for testing."))] }),
  },
  test_prompt_with_arguments: {
    arguments: ["arg1", "arg2"],
    get: ({ arg1, arg2 }) => ({
      messages: [user(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`))],
    }),
  },
  test_prompt_with_embedded_resource: {
    arguments: ["resourceUri"],
    get: ({ resourceUri = "" }) => ({
      messages: [
        user(embedded(resourceUri, "text/plain", "Embedded resource content for testing.")),
        user(text("Please process the embedded resource above.")),
      ],
    }),
  },
  test_prompt_with_image: {
    arguments: [],
    get: () => ({ messages: [user(image), user(text("Please analyze the image above."))] }),
  },
  test_input_required_result_prompt: {
    arguments: [],
    get: (_, context) =>
      answered(context, "user_context") === undefined
        ? inputRequired({ inputRequests: { user_context: ask("Which context?", "context") } })
        : { messages: [user(text("Use the context that was given"))] },
  },
};

/** A server with all that the suite asks for and that can be had without sessions. */
export function createFixtureServer(): Server {
  const server = new Server(
    { name: "conformance-fixtures", version: "1.0.0" },
    {
      capabilities: { tools: {}, resources: { subscribe: true }, prompts: {}, logging: {}, completions: {} },
      requestState: { verify: (state, context) => requestState.verify(state, context) },
    },
  );
  serveTools(server);
  serveResources(server);
  servePrompts(server);
  server.setRequestHandler("completion/complete", () => ({
    completion: { values: [], total: 0, hasMore: false },
  }));
  server.setRequestHandler("logging/setLevel", () => ({}));
  return server;
}

function serveTools(server: Server): void {
  server.setRequestHandler("tools/list", () => ({
    tools: Object.keys(TOOLS).map((name) => ({
      name,
      description: `Fixture ${name}`,
      inputSchema: INPUT_SCHEMAS[name] ?? ANY_OBJECT,
    })),
  }));
  server.setRequestHandler("tools/call", ({ params }, context) => {
    const tool = TOOLS[params.name];
    if (tool === undefined) throw unknown();
    return tool(context, params.arguments ?? {});
  });
}

function serveResources(server: Server): void {
  server.setRequestHandler("resources/list", () => ({
    resources: Object.entries(RESOURCES).map(([uri, { mimeType }]) => ({ uri, name: uri, mimeType })),
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{ name: "template", uriTemplate: "test://template/{id}/data" }],
  }));
  server.setRequestHandler("resources/read", ({ params: { uri } }): ReadResourceResult => {
    const resource = RESOURCES[uri];
    if (resource !== undefined) return { contents: [{ uri, ...resource }] };
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
    if (id === undefined) throw new ResourceNotFoundError(uri);
    return {
      contents: [
        { uri, mimeType: "application/json", text: JSON.stringify({ id, data: `Data for ID: ${id}` }) },
      ],
    };
  });
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function servePrompts(server: Server): void {
  server.setRequestHandler("prompts/list", () => ({
    prompts: Object.entries(PROMPTS).map(([name, prompt]) => ({
      name,
      description: `Fixture ${name}`,
      arguments: prompt.arguments.map((argument) => ({ name: argument, required: true })),
    })),
  }));
  server.setRequestHandler("prompts/get", ({ params }, context) => {
    const prompt = PROMPTS[params.name];
    if (prompt === undefined) throw unknown();
    return prompt.get(params.arguments ?? {}, context);
  });
}

function unknown(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, "no such fixture");
}
