import { expect, it } from "vitest";
import type { IndexStatus } from "../../contract/wire.ts";
import { exposition } from "../../server/observe/exposition.ts";
import { StoreGauges } from "../../server/observe/store-gauges.ts";

const STATUS: IndexStatus = {
  state: "building",
  problem: "the disk is full",
  knowledge: { indexed: 2, pending: 1, failed: 0 },
  sessions: { indexed: 1, pending: 0, failed: 3 },
  oldest_pending_seconds: 61.5,
  failures: [],
  bytes: { knowledge: 10, sessions: 20 },
  watching: { folders: 4, complete: true },
};
const CALM = {
  freeBytes: async () => 1000,
  isWriteStopped: () => true,
  uploadsWaiting: () => 2,
  searchesWaiting: () => 3,
};

it("shows how it stands, and asks the index once for those who look at the same time", async () => {
  let asked = 0;
  const index = async () => {
    asked += 1;
    return STATUS;
  };
  const gauges = new StoreGauges({ ...CALM, index });

  const [first, second] = await Promise.all([gauges.families(), gauges.families()]);

  const lines = exposition(first).split("\n");
  expect(lines).toEqual(
    expect.arrayContaining([
      'federated_memory_index_documents{kind="knowledge",state="pending"} 1',
      'federated_memory_index_documents{kind="session",state="failed"} 3',
      "federated_memory_index_oldest_pending_seconds 61.5",
      "federated_memory_index_stopped 1",
      'federated_memory_index_bytes{kind="session"} 20',
      "federated_memory_disk_free_bytes 1000",
      "federated_memory_write_stopped 1",
      "federated_memory_uploads_waiting 2",
      "federated_memory_searches_waiting 3",
    ]),
  );
  expect(second).toEqual(first);
  expect(asked).toBe(1);
});

it("leaves out what does not answer, and shows the rest", async () => {
  const gauges = new StoreGauges({
    ...CALM,
    index: () => new Promise<IndexStatus>(() => {}),
    freeBytes: () => Promise.reject(new Error("EIO")),
  });

  const text = exposition(await gauges.families());

  expect(text).not.toMatch(/^federated_memory_(?:index|disk)/m);
  expect(text).toContain("\nfederated_memory_write_stopped 1\n");
});
