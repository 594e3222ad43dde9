import { describe, expect, it } from "vitest";
import * as z from "zod";
import { KnowledgePath } from "../../contract/knowledge-path.ts";
import { pathFault } from "../../contract/path-fault.ts";
import { corpus } from "../support/corpus.ts";

const Row = z.object({
  id: z.string(),
  expect: z.enum(["accept", "reject", "either"]),
  path: z.unknown(),
  path_b64: z.string().optional(),
});
const rows = corpus("paths.txt", Row).filter((row) => row.path_b64 === undefined);

const fill = (path: unknown) =>
  typeof path === "string"
    ? path
        .replaceAll("{WS}", "laptop-codex-a")
        .replaceAll("{OTHER_WS}", "laptop-codex-b")
        .replaceAll("{ROOT}", "/srv/memory")
    : path;

describe("a knowledge path", () => {
  it.each(rows.filter((row) => row.expect === "reject").map((row) => [row.id, fill(row.path)]))(
    "%s is refused: %j",
    (_, path) => {
      expect(KnowledgePath.safeParse(path).success).toBe(false);
    },
  );

  it.each(rows.filter((row) => row.expect === "accept").map((row) => [row.id, fill(row.path)]))(
    "%s is accepted: %j",
    (_, path) => {
      const parsed = KnowledgePath.parse(path);

      expect(parsed).toBe(parsed.normalize("NFC"));
      expect(pathFault(parsed)).toBeUndefined();
    },
  );

  it("is judged the same a second time", () => {
    for (const row of rows) {
      const path = fill(row.path);
      const first = KnowledgePath.safeParse(path);
      expect(KnowledgePath.safeParse(first.data ?? path).success).toBe(first.success);
    }
  });
});

it("is refused when it holds a secret of this product: masked, it would be no address", () => {
  expect(pathFault("notes/fmai_0123456789abcdef0123.md")).toBe("it holds a secret of this product");
  expect(pathFault("notes/fmai_is-a-prefix.md")).toBeUndefined();
});
