import type { Stats } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";
import { placeOf, readStoredText, type StoredText } from "../../knowledge/stored-text.ts";
import { CommonRows } from "../database/common-rows.ts";
import { faultOf } from "./fault.ts";
import { GramCollector } from "../text/grams.ts";
import { KnowledgeRows, type FileFacts, type FileRow } from "./knowledge-rows.ts";
import { indexedText } from "./knowledge-text.ts";
import type { FileName } from "../messages.ts";
import type { Outcome } from "./outcome.ts";
import { isSettled, stampOf, UNKNOWN_STAMP } from "./stamp.ts";
import { TextTables } from "./text-tables.ts";

/**
 * Brings files of the knowledge into the index, or out of it. Paths are canonical. Whoever calls decides what is one
 * transaction; it throws what SQLite throws, and then the transaction is void.
 */
export class KnowledgeWriter {
  readonly common: CommonRows;
  readonly rows: KnowledgeRows;
  readonly #root: string;
  readonly #texts: TextTables;
  readonly #grams = new GramCollector();

  constructor(database: DatabaseSync, root: string) {
    this.#root = root;
    this.common = new CommonRows(database);
    this.rows = new KnowledgeRows(database, this.common);
    this.#texts = new TextTables(database);
  }

  /** Makes the index hold what now is on disk under this name. */
  look(file: FileName): Outcome {
    const known = this.rows.get(file);
    try {
      const stats = this.#stats(file);
      if (stats === undefined) return this.#remove(known);
      if (known !== undefined && isSame(known, stats)) return { state: "held", id: known.id };
      return this.#put(file, known);
    } catch (error) {
      const fault = faultOf(error);
      return fault === undefined ? this.#remove(known) : this.#fail(file, known, fault);
    }
  }

  /** Whether `look` would change anything. Writes nothing. */
  differs(file: FileName): boolean {
    const known = this.rows.get(file);
    try {
      const stats = this.#stats(file);
      if (stats === undefined || known === undefined) return stats !== known;
      if (isSame(known, stats)) return false;
      const { stamp, crc } = factsOf(this.#read(file));
      return known.fault !== undefined || known.stamp !== stamp || known.crc !== crc;
    } catch (error) {
      const fault = faultOf(error);
      return known === undefined ? fault !== undefined : known.fault !== fault;
    }
  }

  #stats({ workspaceId, path }: FileName): Stats | undefined {
    const place = placeOf(this.#root, workspaceId, pathOf(path));
    using folder = place.enterFolderSync();
    const stats = folder.look(place.name);
    return stats?.isFile() === true ? stats : undefined;
  }

  #read({ workspaceId, path }: FileName): StoredText {
    return readStoredText(this.#root, workspaceId, pathOf(path));
  }

  #put(file: FileName, known: FileRow | undefined): Outcome {
    const stored = this.#read(file);
    const facts = factsOf(stored);
    const id = this.rows.put(file, known, facts);
    if (known !== undefined && hasSameText(known, facts)) return { state: "held", id };
    const text = indexedText(file.path, stored.bytes, this.#grams);
    this.#removeText(known);
    this.#texts.add(id, text);
    return { state: "held", id };
  }

  #fail(file: FileName, known: FileRow | undefined, fault: string): Outcome {
    this.#removeText(known);
    if (known?.fault === fault) return { state: "failed", id: known.id, fault };
    const id = this.rows.put(file, known, { stamp: UNKNOWN_STAMP, timeMs: 0, size: 0, crc: 0, fault });
    return { state: "failed", id, fault };
  }

  #remove(known: FileRow | undefined): Outcome {
    this.#removeText(known);
    if (known !== undefined) this.rows.delete(known.id);
    return { state: "gone" };
  }

  #removeText(known: FileRow | undefined): void {
    if (known !== undefined && known.fault === undefined) this.#texts.remove(known.id);
  }
}

/** The overview has no path of its own. */
function pathOf(path: string): string | undefined {
  return path === "" ? undefined : path;
}

/** Nothing has touched the file since it was indexed. */
function isSame({ fault, stamp }: FileRow, stats: Stats): boolean {
  return fault === undefined && stamp === stampOf(stats) && isSettled(stats);
}

function hasSameText(known: FileRow, { size, crc }: FileFacts): boolean {
  return known.fault === undefined && known.size === size && known.crc === crc;
}

function factsOf({ bytes, stats }: StoredText): FileFacts {
  const timeMs = Math.floor(stats.mtimeMs);
  return { stamp: stampOf(stats), timeMs, size: bytes.length, crc: crc32(bytes), fault: undefined };
}
