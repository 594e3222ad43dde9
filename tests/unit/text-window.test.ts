import * as fc from "fast-check";
import { expect, it } from "vitest";
import { Pace } from "../../server/sessions/pace.ts";
import { windowOf } from "../../server/sessions/text-window.ts";

const part = fc.oneof(
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ unit: "binary", maxLength: 40 }).map((text) => Buffer.from(text)),
  fc.constantFrom("\ufeff", "😀", "é").map((text) => Buffer.from(text)),
  fc.nat({ max: 70_000 }).map((length) => Buffer.alloc(length, "é")),
);

it("shows any part of any bytes as the whole text would", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 8 }), fc.nat(), fc.nat(), async (parts, at, size) => {
      const data = Buffer.concat(parts);
      const whole = data.toString("utf8");
      const from = at % (whole.length + 2);
      const chars = size % (whole.length + 2);

      const { text, goesOn } = await windowOf(data, { from, chars }, new Pace());

      expect(text).toBe(whole.slice(from, from + chars));
      expect(goesOn).toBe(from + chars < whole.length);
    }),
  );
});
