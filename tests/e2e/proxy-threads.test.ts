import { describe, expect, it } from "vitest";
import { fieldOf } from "../../proxy/json/fields.ts";
import { FakeUpstream } from "../support/fake-upstream.ts";
import { ask, proxyBefore, TOOL } from "../support/proxy-lab.ts";

const CALL = { type: "tool_use", id: "toolu_1", name: "memory", input: { command: "view", name: "memory" } };
const TOOLS = [{ name: TOOL }];

/** Calls the memory in every answer, in events where they are asked for; the ids of its answers count them: msg_1, msg_2 … */
async function callingApi(): Promise<FakeUpstream> {
  let count = 0;
  return FakeUpstream.start(({ body }, response) => {
    count += 1;
    const message = { type: "message", id: `msg_${count}`, content: [CALL] };
    if (fieldOf(JSON.parse(body.toString()), "stream") !== true) {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(message));
      return;
    }
    const events = [
      { type: "message_start", message: { ...message, content: [] } },
      { type: "content_block_start", index: 0, content_block: CALL },
    ];
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(""));
  });
}

/** The name by which an answer calls its tool: not the one in the input. */
const NAME = /"name":"([^"]+)","input":\{"command":"view","name":"memory"\}/;

async function calledIn(url: string, request: object): Promise<string | undefined> {
  const { body } = await ask(url, "/v1/messages", { body: JSON.stringify(request) });
  return NAME.exec(body.toString())?.[1];
}

const goesOn = (previous: string) => ({ thread: { type: "continue", previous_message_id: previous } });

describe("a thread", () => {
  it.each([{ stream: true }, { stream: false }])(
    "keeps the client's names in answers to requests that do not bring the tools again: %o",
    async (how) => {
      await using upstream = await callingApi();
      await using proxy = await proxyBefore(upstream.url);

      const names = [
        await calledIn(proxy.url, { ...how, thread: { type: "create" }, tools: TOOLS }),
        await calledIn(proxy.url, { ...how, ...goesOn("msg_1") }),
        await calledIn(proxy.url, { ...how, ...goesOn("msg_2") }),
      ];

      expect(names).toEqual([TOOL, TOOL, TOOL]);
    },
  );

  it("has names of its own where its requests bring tools, and none where nothing is known of it", async () => {
    await using upstream = await callingApi();
    await using proxy = await proxyBefore(upstream.url);

    const names = [
      await calledIn(proxy.url, { thread: { type: "create" }, tools: TOOLS }),
      await calledIn(proxy.url, { ...goesOn("msg_1"), tools: [{ name: "memory" }] }),
      await calledIn(proxy.url, goesOn("msg_2")),
      await calledIn(proxy.url, goesOn("msg_of_another_proxy")),
      await calledIn(proxy.url, { thread: null }),
    ];

    expect(names).toEqual([TOOL, "memory", "memory", "memory", "memory"]);
  });

  it("is not begun by a request that says nothing of one", async () => {
    await using upstream = await callingApi();
    await using proxy = await proxyBefore(upstream.url);
    await calledIn(proxy.url, { tools: TOOLS });

    const name = await calledIn(proxy.url, goesOn("msg_1"));

    expect(name).toBe("memory");
  });
});
