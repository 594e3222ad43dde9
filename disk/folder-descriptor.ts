import { closeSync, constants, fsync, open, openSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { assertSegment } from "./folder-refusals.ts";

export const OPEN_FOLDER = constants.O_RDONLY | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

/** An open folder as the system knows it. Nothing is written through it, so closing it waits for no disk. */
export class FolderDescriptor {
  #number: number | undefined;

  private constructor(number: number) {
    this.#number = number;
  }

  /** `flags` are those of open(2). Throws what the system says. */
  static open(path: string, flags: number): Promise<FolderDescriptor> {
    return new Promise((resolve, reject) => {
      open(path, flags, (error, number) =>
        error === null ? resolve(new FolderDescriptor(number)) : reject(error),
      );
    });
  }

  /** Throws once it is closed: the system gives the number to other files then. */
  get number(): number {
    if (this.#number === undefined) throw new Error("the folder is closed already");
    return this.#number;
  }

  /** Where the folder lies now, free of links. Linux only; the kernel answers without asking a disk. */
  get place(): string {
    return placeOf(this.number);
  }

  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      fsync(this.number, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  /** Does nothing the second time. */
  close(): void {
    if (this.#number !== undefined) closeSync(this.#number);
    this.#number = undefined;
  }
}

/**
 * Opens the folder several names below a path in one step, on Linux. Undefined when it lies elsewhere than its names say,
 * or cannot be opened: why, only the folder above it can tell.
 */
export async function leap(path: string, names: readonly string[]): Promise<FolderDescriptor | undefined> {
  for (const name of names) assertSegment(name);
  const place = join(path, ...names);
  const descriptor = await FolderDescriptor.open(place, OPEN_FOLDER).catch(() => undefined);
  if (descriptor?.place === place) return descriptor;
  descriptor?.close();
  return undefined;
}

/** As `leap`, without promises. The caller closes the descriptor. */
export function leapSync(path: string, names: readonly string[]): number | undefined {
  for (const name of names) assertSegment(name);
  const place = join(path, ...names);
  let descriptor: number;
  try {
    descriptor = openSync(place, OPEN_FOLDER);
  } catch {
    return undefined;
  }
  if (placeOf(descriptor) === place) return descriptor;
  closeSync(descriptor);
  return undefined;
}

function placeOf(descriptor: number): string {
  return readlinkSync(`/proc/self/fd/${descriptor}`);
}
