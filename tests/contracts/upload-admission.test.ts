import { expect, it } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { uploadAdmission } from "../../server/access/admission.ts";
import { OpenedForUpload } from "../../server/access/writable.ts";
import { KnowledgeStore } from "../../server/knowledge/store.ts";
import { WorkMetrics } from "../../server/observe/work-metrics.ts";
import { WriteGuard } from "../../server/storage/write-guard.ts";
import { line, sessionStore, WORKSPACE } from "../support/session-store.ts";

const { uploads, uploadQueue } = LIMITS.concurrency;

/** Sources that give a transcript as soon as so many of them are being read, and know how many there were at once. */
class HeldSources {
  mostAtOnce = 0;
  #atOnce = 0;
  readonly #count: number;
  readonly #released = Promise.withResolvers<void>();

  constructor(count: number) {
    this.#count = count;
  }

  async *source(): AsyncGenerator<Buffer> {
    this.#atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#atOnce);
    if (this.#atOnce === this.#count) this.#released.resolve();
    await this.#released.promise;
    yield Buffer.from(line("What is a quokka?"));
    this.#atOnce -= 1;
  }
}

it("reads nothing of an upload before its turn, and refuses who would wait too long (B3)", async () => {
  await using lab = await sessionStore();
  const knowledge = new KnowledgeStore(lab.path, new WriteGuard(lab.path));
  const domain = { knowledge, sessions: lab.store, uploads: uploadAdmission(), metrics: new WorkMetrics() };
  const workspace = new OpenedForUpload(domain, { id: WORKSPACE });
  const held = new HeldSources(uploads);
  const upload = (index: number) =>
    workspace.uploadSession({ sessionId: `s${index}`, encoding: "identity", source: held.source() });

  const crowd = Array.from({ length: uploads + uploadQueue + 1 }, (_, index) => upload(index));
  const outcomes = await Promise.allSettled(crowd);

  const refused = outcomes.filter(({ status }) => status === "rejected");
  expect(refused).toMatchObject([{ reason: { code: "unavailable" } }]);
  expect(held.mostAtOnce).toBe(uploads);
});
