import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exposition } from "../../server/observe/exposition.ts";
import { Counter, gauge, Histogram } from "../../server/observe/instruments.ts";

describe("the text of metrics", () => {
  it("says of each what it is, then its values", () => {
    const counter = new Counter<{ kind: "a" | "b" }>({
      name: "things_total",
      help: "Things.",
      labels: ["kind"],
      starts: [{ kind: "a" }, { kind: "b" }],
    });
    counter.add({ kind: "b" }, 2);
    counter.add({ kind: "b" });

    const text = exposition([
      counter.family(),
      gauge("room_bytes", "Room.", 1e21),
      gauge("gone", "Gone.", undefined),
    ]);

    expect(text).toBe(
      [
        "# HELP things_total Things.",
        "# TYPE things_total counter",
        'things_total{kind="a"} 0',
        'things_total{kind="b"} 3',
        "# HELP room_bytes Room.",
        "# TYPE room_bytes gauge",
        "room_bytes 1e+21",
        "# HELP gone Gone.",
        "# TYPE gone gauge",
        "",
      ].join("\n"),
    );
  });

  it("counts in buckets what is within their bound, the bound itself too", () => {
    const histogram = new Histogram<{ leg: string }>({ name: "t_seconds", help: "T.", labels: ["leg"] });
    for (const seconds of [0, 0.001, 0.0011, 10, 11]) histogram.observe({ leg: "all" }, seconds);

    const lines = exposition([histogram.family()]).split("\n");

    expect(lines).toEqual(
      expect.arrayContaining([
        't_seconds_bucket{leg="all",le="0.0005"} 1',
        't_seconds_bucket{leg="all",le="0.001"} 2',
        't_seconds_bucket{leg="all",le="0.0025"} 3',
        't_seconds_bucket{leg="all",le="5"} 3',
        't_seconds_bucket{leg="all",le="10"} 4',
        't_seconds_bucket{leg="all",le="+Inf"} 5',
        't_seconds_sum{leg="all"} 21.0021',
        't_seconds_count{leg="all"} 5',
      ]),
    );
  });

  it.each([
    [NaN, "NaN"],
    [Infinity, "+Inf"],
    [-Infinity, "-Inf"],
    [0.0005, "0.0005"],
  ])("writes %d as %s", (value, written) => {
    expect(exposition([gauge("g", "G.", value)])).toContain(`\ng ${written}\n`);
  });

  it("keeps whatever a label or a help text holds on its line, and gives it back", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("\\", '"', "\n", "n", "}", "ü", " ") }), (value) => {
        const family = {
          name: "g",
          help: value,
          type: "gauge",
          samples: [{ labels: { l: value }, value: 1 }],
        };

        const [help, , sample, rest] = exposition([{ ...family, type: "gauge" }]).split("\n");

        expect(rest).toBe("");
        expect(unescaped(help?.slice("# HELP g ".length) ?? "")).toBe(value);
        expect(unescaped(/^g\{l="(.*)"\} 1$/.exec(sample ?? "")?.[1] ?? "?")).toBe(value);
      }),
    );
  });
});

/** As Prometheus reads it. */
function unescaped(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
}
