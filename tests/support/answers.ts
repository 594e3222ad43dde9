import type { Client } from "@modelcontextprotocol/client";

/** What a tool answered, as a caller reads it. */
export interface ToolAnswer {
  isError: boolean;
  /** All text blocks, joined. */
  text: string;
  structured: unknown;
}

/** Calls a tool of a real client. */
export async function call(
  client: Client,
  name: string,
  input: Record<string, unknown> = {},
): Promise<ToolAnswer> {
  const result = await client.callTool({ name, arguments: input });
  const text = result.content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
  return { isError: result.isError === true, text, structured: result.structuredContent };
}
