import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FromWriter } from "../../server/index/messages.ts";
import { IndexWriter } from "../../server/index/writer/index-writer.ts";
import { WS } from "./index-lab.ts";
import { tempFolder } from "./temp-folder.ts";

/** A writer in this thread, so that the disk can be given faults. */
export class WriterLab implements AsyncDisposable {
  readonly root: string;
  readonly said: FromWriter[] = [];
  readonly writer: IndexWriter;
  readonly #folder: AsyncDisposable;
  readonly #running: Promise<void>;

  private constructor(root: string, folder: AsyncDisposable) {
    this.root = root;
    this.#folder = folder;
    const say = (message: FromWriter) => void this.said.push(message);
    this.writer = new IndexWriter({ root, say, cell: new Int32Array(1) });
    this.#running = this.writer.run();
  }

  static async make(): Promise<WriterLab> {
    const folder = await tempFolder();
    await mkdir(join(folder.path, "workspaces", WS, "knowledge"), { recursive: true });
    return new WriterLab(folder.path, folder);
  }

  /** Writes a file by hand. */
  async put(path: string): Promise<void> {
    await writeFile(join(this.root, "workspaces", WS, "knowledge", path), "alpha");
  }

  /** Says that a file was written, and which number that has. */
  async write(path: string, own: number): Promise<void> {
    await this.put(path);
    this.writer.receive({ type: "file", file: { workspaceId: WS, path }, own });
  }

  /** The largest number of a file that the index holds. */
  get settled(): number {
    const files = this.said.flatMap((message) => (message.type === "settled" ? message.files : []));
    return Math.max(0, ...files.map(({ own }) => own));
  }

  get problem(): string | undefined {
    this.writer.receive({ type: "report", number: 1 });
    const last = this.said.pop();
    return last?.type === "report" ? last.report.problem : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.writer.receive({ type: "close" });
    await this.#running;
    await this.#folder[Symbol.asyncDispose]();
  }
}
