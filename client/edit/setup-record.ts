import { randomBytes } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { AppError } from "../../contract/errors.ts";
import { parseJson } from "../../contract/json.ts";
import { LIMITS } from "../../contract/limits.ts";
import { replaceFile } from "../../disk/atomic-file.ts";
import { unlessMissing } from "../../disk/errno.ts";
import { Folder, makeFolders } from "../../disk/folder.ts";
import type { Home } from "../home/home.ts";
import { Lock } from "../home/lock.ts";
import { Choices } from "./choices.ts";

const FORMAT = 1;
const NAME = "setup.json";

const Held = z.strictObject({
  insertions: z
    .array(z.strictObject({ offset: z.int().nonnegative(), text: z.string() }))
    .describe(
      "Every text of ours; offsets count in the text without any. Empty: found, not put in by this record",
    ),
  made: z.array(z.array(z.string())).describe("Containers that were made for ours"),
  after_sha256: z.string().describe("Digest of the file with ours"),
});

const SetupEntry = Held.extend({
  path: z.string().describe("The file as it was named"),
  real: z.string().describe("The same behind all links"),
  kind: z.enum(["json", "toml", "block"]),
  state: z.enum(["intended", "done"]).describe("intended: the edit may or may not have happened"),
  made_file: z.boolean().describe("The file was not there before"),
  made_folders: z.array(z.string()).describe("Folders that were not there before, the deepest first"),
  before_sha256: z.string().nullable().describe("Digest of the file before the edit; null: it was not there"),
  backup: z.string().optional().describe("A copy of the file before the edit"),
  earlier: Held.optional().describe("What was put in before this edit, until that is done"),
});
export type SetupEntry = z.infer<typeof SetupEntry>;

const SetupFile = z.strictObject({
  format: z.literal(FORMAT),
  entries: z.array(SetupEntry),
  choices: Choices.default({}),
});
type Setup = Pick<z.infer<typeof SetupFile>, "entries" | "choices">;

/**
 * `setup.json`, 0600: every text that was put into files of other programs, so that just that can be taken out again. Held
 * by one process at a time until it is disposed, with what the person chose of an install. An edit is written down before it happens and again afterwards.
 */
export class SetupRecord implements AsyncDisposable {
  /** Where the record was put that could not be understood; it begins anew then. */
  readonly damaged: string | undefined;
  readonly #home: Home;
  readonly #lock: Lock;
  #entries: readonly SetupEntry[];
  #choices: Choices;

  private constructor(home: Home, lock: Lock, { entries, choices, damaged }: Loaded) {
    this.#home = home;
    this.#lock = lock;
    this.#entries = entries;
    this.#choices = choices;
    this.damaged = damaged;
  }

  /** Throws `unavailable` while another process holds it. */
  static async open(home: Home): Promise<SetupRecord> {
    await makeFolders(home.root);
    const lock = await Lock.take(join(home.root, `${NAME}.lock`), LIMITS.client.writerLockWaitMs);
    if (lock === undefined)
      throw new AppError("unavailable", "Another memory-sync is editing the settings of this machine", {
        hint: "Try again",
      });
    try {
      return new SetupRecord(home, lock, await load(home));
    } catch (error) {
      await lock[Symbol.asyncDispose]();
      throw error;
    }
  }

  get entries(): readonly SetupEntry[] {
    return this.#entries;
  }

  find(path: string): SetupEntry | undefined {
    return this.#entries.find((entry) => entry.path === path);
  }

  /** Writes down an entry in the place of the one of the same path, durably. A new one comes last. */
  async put(entry: SetupEntry): Promise<void> {
    const known = this.#entries.some(({ path }) => path === entry.path);
    await this.#write(
      known
        ? this.#entries.map((held) => (held.path === entry.path ? entry : held))
        : [...this.#entries, entry],
    );
  }

  /** Forgets what was put into a file, durably. */
  async drop(path: string): Promise<void> {
    await this.#write(this.#entries.filter((entry) => entry.path !== path));
  }

  /** Keeps what the person chose, durably. */
  async choose(choices: Choices): Promise<void> {
    if (isDeepStrictEqual(choices, this.#choices)) return;
    this.#choices = choices;
    await this.#write(this.#entries);
  }

  /** Keeps a copy of a file as it is before an edit (0600); gives its path. */
  async backUp(name: string, bytes: Uint8Array): Promise<string> {
    const backups = join(this.#home.root, "backups");
    await makeFolders(backups);
    const stamp = new Date().toISOString().replaceAll(/[-:.]/g, "");
    const copy = `${stamp}-${randomBytes(2).toString("hex")}-${basename(name)}`;
    await using folder = await Folder.open(backups);
    await replaceFile(folder, copy, bytes);
    return join(backups, copy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#lock[Symbol.asyncDispose]();
  }

  async #write(entries: readonly SetupEntry[]): Promise<void> {
    await using folder = await Folder.open(this.#home.root);
    const setup = { format: FORMAT, entries, choices: this.#choices };
    await replaceFile(folder, NAME, `${JSON.stringify(setup, null, 2)}\n`);
    this.#entries = entries;
  }
}

interface Loaded extends Setup {
  readonly damaged: string | undefined;
}

/** What the record says, for who changes nothing; empty where it cannot be understood. */
export async function readSetup(home: Home): Promise<readonly SetupEntry[]> {
  return (await look(home)).entries;
}

/** What the person chose, for who changes nothing; nothing where it cannot be understood. */
export async function readChoices(home: Home): Promise<Choices> {
  return (await look(home)).choices;
}

async function look(home: Home): Promise<Setup> {
  const found = await read(join(home.root, NAME));
  return found === "damaged" ? EMPTY : found;
}

const EMPTY: Setup = { entries: [], choices: {} };

async function load(home: Home): Promise<Loaded> {
  const path = join(home.root, NAME);
  const found = await read(path);
  if (found !== "damaged") return { ...found, damaged: undefined };
  const damaged = `${path}.damaged-${Date.now()}`;
  await rename(path, damaged);
  return { ...EMPTY, damaged };
}

async function read(path: string): Promise<Setup | "damaged"> {
  const text = await unlessMissing(readFile(path, "utf8"));
  if (text === undefined) return EMPTY;
  const parsed = SetupFile.safeParse(parseJson(text));
  return parsed.success ? parsed.data : "damaged";
}
