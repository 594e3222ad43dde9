import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import {
  describeFailure,
  formatBytes,
  formatTime,
  plain,
  plainLines,
  withHint,
} from "../../client/format.ts";
import { Output, type OutputOptions, type Terminal } from "../../client/output.ts";
import { displayWidth, fitWidth, padWidth } from "../../client/text-width.ts";

/** A terminal or pipe that keeps what was written. */
class Screen extends PassThrough {
  readonly isTTY: boolean;
  readonly columns = 60;

  constructor(isTTY = false) {
    super();
    this.isTTY = isTTY;
  }

  get text(): string {
    const data: unknown = this.read();
    return data instanceof Buffer ? data.toString("utf8") : "";
  }
}

function outputOn(
  screens: { stdout?: Terminal; stderr?: Terminal },
  options: Partial<OutputOptions> = {},
): Output {
  return new Output({ stdout: new Screen(), stderr: new Screen(), env: {}, ...screens, ...options });
}

describe("stdout and stderr", () => {
  it("keep data and talk apart", () => {
    const [stdout, stderr] = [new Screen(), new Screen()];
    const output = outputOn({ stdout, stderr });

    output.print("data");
    output.say("talk");
    output.warn("careful");
    output.fail("broken");

    expect(stdout.text).toBe("data\n");
    expect(stderr.text).toBe("talk\nwarning: careful\nerror: broken\n");
  });

  it("with --json the answer is one line of JSON", () => {
    const stdout = new Screen();
    const output = outputOn({ stdout }, { json: true });

    output.answer({ entries: [1, "a\nb"] }, () => "for people");

    expect(stdout.text).toBe('{"entries":[1,"a\\nb"]}\n');
  });

  it("with --quiet only warnings and failures are said", () => {
    const stderr = new Screen();
    const output = outputOn({ stderr }, { quiet: true });

    output.say("talk");
    output.warn("careful");

    expect(stderr.text).toBe("warning: careful\n");
  });

  it("survive a reader that went away", async () => {
    const stdout = new Screen();
    const output = outputOn({ stdout });

    stdout.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await new Promise((resolve) => stdout.once("close", resolve));
    output.print("data");
    await output.write(Buffer.alloc(1_000_000));

    expect(output.closed).toBe(true);
  });

  it("lose no data when only stderr's reader went away", async () => {
    const [stdout, stderr] = [new Screen(), new Screen()];
    const output = outputOn({ stdout, stderr });

    stderr.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await new Promise((resolve) => stderr.once("close", resolve));
    output.say("talk");
    output.print("data");

    expect(output.closed).toBe(false);
    expect(stdout.text).toBe("data\n");
  });

  it("wait for a slow reader", async () => {
    const stdout = new Screen();
    const output = outputOn({ stdout });
    let isDone = false;

    const writing = output.write(Buffer.alloc(1_000_000, "x")).then(() => (isDone = true));
    await new Promise((resolve) => setImmediate(resolve));
    const doneBefore = isDone;
    stdout.resume();
    await writing;

    expect(doneBefore).toBe(false);
  });
});

describe("colours", () => {
  const red = "\u001b[31mx\u001b[39m";

  it.each([
    [true, {}, red],
    [false, {}, "x"],
    [true, { NO_COLOR: "1" }, "x"],
    [true, { NO_COLOR: "" }, red],
    [true, { TERM: "dumb" }, "x"],
    [false, { FORCE_COLOR: "1" }, red],
    [true, { FORCE_COLOR: "0" }, "x"],
    [false, { FORCE_COLOR: "1", NO_COLOR: "1" }, red],
  ])("terminal %s, %j", (isTTY, env, expected) => {
    expect(outputOn({ stdout: new Screen(isTTY) }, { env }).paint("red", "x")).toBe(expected);
  });
});

describe("foreign text", () => {
  it("cannot send commands to the terminal, hide or break a line", () => {
    expect(plain("a\u001b]0;title\u0007\nb\tc\u202e")).toBe("a\\u{1b}]0;title\\u{7} b c\\u{202e}");
    expect(plainLines("a\r\nb\tc\rd\u001b[2J")).toBe("a\nb\tc\nd\\u{1b}[2J");
  });

  it("may hold long runs of white space and dots", () => {
    const long = `${" ".repeat(300_000)}x${".".repeat(300_000)}x\n${" ".repeat(300_000)}. `;

    expect(plain(long)).toHaveLength(600_005);
    expect(withHint(long, "Try again")).toMatch(/x\. Try again$/);
    expect(withHint("Did you mean this?", "Try again")).toBe("Did you mean this? Try again");
  });

  it("is made harmless in tables and, on a terminal, in raw data", async () => {
    const stdout = new Screen(true);
    const output = outputOn({ stdout }, { env: { NO_COLOR: "1" } });

    output.print(output.table([{ title: "A" }], [["x\u001b[2J\ny"]]));
    await output.write(Buffer.from("raw\u001b[2J"));

    expect(stdout.text).toBe("A\nx\\u{1b}[2J y\nraw\\u{1b}[2J");
  });

  it("goes verbatim into a pipe", async () => {
    const stdout = new Screen();

    await outputOn({ stdout }).write(Buffer.from("raw\u001b[2J\r\n"));

    expect(stdout.text).toBe("raw\u001b[2J\r\n");
  });
});

describe("tables", () => {
  it("align by what a terminal shows", () => {
    const output = outputOn({});

    const table = output.table(
      [{ title: "NAME" }, { title: "N", align: "right" }, { title: "ABOUT" }],
      [
        ["日本", "1", "x"],
        ["cafe\u0301", "20", ""],
        ["👩‍💻", "300", "y"],
      ],
    );

    expect(table.split("\n")).toEqual([
      "NAME    N  ABOUT",
      "日本    1  x",
      "cafe\u0301   20",
      "👩‍💻    300  y",
    ]);
  });

  it("cut the last column at a terminal's edge, and nothing in a pipe", () => {
    const rows = [["x".repeat(20), "y".repeat(100)]];
    const columns = [{ title: "A" }, { title: "B" }];

    const shown = outputOn({ stdout: new Screen(true) }, { env: { NO_COLOR: "1" } }).table(columns, rows);
    const piped = outputOn({}).table(columns, rows);

    expect(shown.split("\n")[1]).toBe(`${"x".repeat(20)}  ${"y".repeat(37)}…`);
    expect(piped).toContain("y".repeat(100));
  });
});

describe("progress", () => {
  it("is a bar on a terminal, wiped when done, out of the way of talk", () => {
    const stderr = new Screen(true);
    const output = outputOn({ stderr }, { env: { NO_COLOR: "1" } });

    {
      using progress = output.progress("uploading", 2);
      output.say("talk");
      progress.advance(2, "done");
    }

    const drawn = stderr.text.split("\r\u001b[K");
    expect(drawn).toEqual([
      "",
      `[${" ".repeat(24)}] 0/2 uploading`,
      "talk\n",
      `[${" ".repeat(24)}] 0/2 uploading`,
      `[${"#".repeat(24)}] 2/2 done`,
      "",
    ]);
  });

  it("is nothing in a pipe or with --quiet", () => {
    const piped = new Screen();
    const quiet = new Screen(true);

    for (const output of [outputOn({ stderr: piped }), outputOn({ stderr: quiet }, { quiet: true })]) {
      using progress = output.progress("uploading", 2);
      progress.advance();
    }

    expect(piped.text + quiet.text).toBe("");
  });
});

describe("widths", () => {
  it.each([
    ["plain", 5],
    ["日本語", 6],
    ["e\u0301", 1],
    ["👍🏽", 2],
    ["❤️", 2],
    ["ｱ", 1],
    ["한글", 4],
    ["", 0],
  ])("%s takes %i columns", (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  it("cut between characters, never inside one", () => {
    expect(fitWidth("日本語", 5)).toBe("日本…");
    expect(fitWidth("日本語", 4)).toBe("日…");
    expect(fitWidth("日本語", 6)).toBe("日本語");
    expect(padWidth("日", 4, "right")).toBe("  日");
  });
});

describe("figures", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [8_399_520, "8.4 MB"],
    [2 ** 31, "2.1 GB"],
  ])("%i bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("a file of somebody else's comes with the usual cause", () => {
    const denied = Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: "EACCES" });
    expect(describeFailure(denied)).toBe(
      "EACCES: permission denied, open '/x'. It must belong to you: what was made with sudo is root's, until chown gives it back",
    );
    expect(describeFailure(new Error("no more"))).toBe("no more");
  });

  it("times are local, and what is no time stays", () => {
    expect(formatTime("2026-11-21T06:45:16.000Z")).toMatch(/^2026-11-2[012] \d\d:\d\d$/);
    expect(formatTime("never")).toBe("never");
  });
});
