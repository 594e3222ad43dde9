import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { Threads } from "../../proxy/rewrite/threads.ts";
import { namesWith } from "../support/proxy-requests.ts";

it("forgets a thread when so many answers came after its last", () => {
  const threads = new Threads();
  const names = namesWith();
  const keep = threads.listener({ thread: { type: "create" } }, names);
  for (let count = 0; count <= LIMITS.proxy.threadAnswers; count += 1) keep?.(`msg_${count}`);

  const known = ["msg_0", "msg_1"].map((id) =>
    threads.namesFor({ thread: { type: "continue", previous_message_id: id } }),
  );

  expect(known).toEqual([undefined, names]);
});
