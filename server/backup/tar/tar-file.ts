import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { Folder } from "../../../disk/folder.ts";
import { syncOrStop } from "../../../disk/sync.ts";

/** Where a tar goes. `finish` makes it durable and gives it its name. */
interface TarFile extends AsyncDisposable {
  write(data: Buffer): Promise<void>;
  finish(): Promise<void>;
}

/** A tar on disk, which has its name once it is whole; what there was before under that name is replaced then. */
export async function tarOnDisk(path: string): Promise<TarFile> {
  const unfinished = `${path}.${randomBytes(4).toString("hex")}.partial`;
  const handle = await open(unfinished, "wx", 0o600);
  let finished = false;
  return {
    async write(data) {
      for (let done = 0; done < data.length;) done += (await handle.write(data, done)).bytesWritten;
    },
    async finish() {
      await syncOrStop(handle);
      await rename(unfinished, path);
      finished = true;
      await using folder = await Folder.open(dirname(path));
      await folder.sync();
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
      if (!finished) await rm(unfinished, { force: true });
    },
  };
}

/** A tar for whoever reads this program's output. */
export function tarOnOutput(output: NodeJS.WritableStream): TarFile {
  // Whoever writes is told; nobody else has to know.
  output.on("error", () => {});
  return {
    write: (data) =>
      new Promise((resolve, reject) => {
        output.write(data, (error) => (error ? reject(unread(error)) : resolve()));
      }),
    async finish() {},
    async [Symbol.asyncDispose]() {},
  };
}

function unread(cause: Error): AppError {
  return new AppError("unavailable", "Whoever read the tar stopped before its end", { cause });
}
