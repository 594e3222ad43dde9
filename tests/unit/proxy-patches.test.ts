import { describe, expect, it } from "vitest";
import { AppError } from "../../contract/errors.ts";
import { PatchError, readPatches } from "../../proxy/rewrite/patches.ts";
import { NATIVE, OFFER, toApi } from "../support/proxy-requests.ts";

const patches = (...replacements: object[]) => readPatches(JSON.stringify({ replacements }));
const withSystem = (system: string) => `{"system": ${system},"model":"m"}`;

describe("a patch of the system prompt", () => {
  it("CP 3.1: optional, is applied", () => {
    const text = toApi(
      withSystem('[{"type":"text","text":"one two one"}]'),
      patches({ find: "one", replace: "1" }),
    );

    expect(text).toBe(withSystem('[{"type":"text","text":"1 two 1"}]'));
  });

  it("CP 3.1: required, is applied", () => {
    const wanted = patches({ find: "two", replace: "", required: true });

    expect(toApi(withSystem('[{"type":"text","text":"one two"}]'), wanted)).toBe(
      withSystem('[{"type":"text","text":"one "}]'),
    );
  });

  it.each(['[{"type":"text","text":"other"}]', "[]", '[{"type":"image","text":"xxx"}]'])(
    "CP 3.1: required and in no block of %s, is an error",
    (system) => {
      const wanted = patches({ find: "x".repeat(60), replace: "", required: true });

      expect(() => toApi(withSystem(system), wanted)).toThrow(
        new PatchError({ find: "x".repeat(50), replace: "", required: true }),
      );
    },
  );

  it("CP 3.1: optional and in no block, changes nothing", () => {
    const system = '[{"type":"text","text":"\\u006fne"}]';

    expect(toApi(withSystem(system), patches({ find: "two", replace: "2" }))).toBe(withSystem(system));
  });

  it("CP 3.1: an empty list of them changes nothing", () => {
    const system = '[{"type":"text","text":"one"}]';

    expect(toApi(withSystem(system), patches())).toBe(withSystem(system));
  });

  it.each([
    '{"system":"one","model":"m"}',
    '{"model":"one"}',
    '{"system":null}',
    '{"system":{"type":"text","text":"one"}}',
  ])("CP 3.1: a string or absent system is untouched: %s", (request) => {
    expect(toApi(request, patches({ find: "one", replace: "1", required: true }))).toBe(request);
  });

  it("CP 3.1: several blocks are patched, an image block is not", () => {
    const system = (one: string) =>
      `[{"type":"text","text":"${one} a", "cache_control":{"type":"ephemeral"}},{"type":"image","text":"one"},{"text":"b ${one}","type":"text"}]`;

    expect(toApi(withSystem(system("one")), patches({ find: "one", replace: "1" }))).toBe(
      withSystem(system("1")),
    );
  });

  it("CP 3.1: an empty find is passed over", () => {
    const system = '[{"type":"text","text":"one"}]';

    expect(toApi(withSystem(system), patches({ find: "", replace: "x", required: true }))).toBe(
      withSystem(system),
    );
  });

  it("is made where the one before it has been", () => {
    const wanted = patches({ find: "a", replace: "b" }, { find: "bb", replace: "c", required: true });

    expect(toApi(withSystem('[{"type":"text","text":"ab"}]'), wanted)).toBe(
      withSystem('[{"type":"text","text":"c"}]'),
    );
  });

  it("is literal, in what is looked for and in what comes there", () => {
    const wanted = patches({ find: "a.c$", replace: '$&\n"é😀' });

    expect(toApi(withSystem('[{"type":"text","text":"abc$ a.c$"}]'), wanted)).toBe(
      withSystem('[{"type":"text","text":"abc$ $&\\n\\"é😀"}]'),
    );
  });

  it("is found in text that is spelled with escapes", () => {
    const text = toApi(
      withSystem('[{"type":"text","text":"\\u006fne\\ttwo"}]'),
      patches({ find: "one\t", replace: "" }),
    );

    expect(text).toBe(withSystem('[{"type":"text","text":"two"}]'));
  });

  it("CP-9: is not made in prompts of the Agent SDK", () => {
    const system =
      '[{"type":"text","text":"x"},{"type":"text","text":"You are a Claude agent, built on Anthropic\'s Claude Agent SDK. one"}]';

    expect(
      toApi(
        withSystem(system),
        patches({ find: "one", replace: "1" }, { find: "y", replace: "", required: true }),
      ),
    ).toBe(withSystem(system));
  });

  it("is made beside the names of tools", () => {
    const request = (text: string, offer: string) =>
      `{"tools":[${offer}],"system":[{"type":"text","text":"${text}"}]}`;

    expect(toApi(request("one", OFFER), patches({ find: "one", replace: "1" }))).toBe(request("1", NATIVE));
  });
});

describe("a file of patches", () => {
  it("says what is found, what comes there and whether it must be there", () => {
    const read = readPatches(
      '\ufeff{"replacements":[{"find":"a","replace":"b"},{"find":"c","replace":"","required":true}]}',
    );

    expect(read).toEqual([
      { find: "a", replace: "b", required: false },
      { find: "c", replace: "", required: true },
    ]);
  });

  it.each([
    "",
    "{",
    "[]",
    "null",
    "{}",
    '{"replacements":{}}',
    '{"replacements":[{"find":"a"}]}',
    '{"replacements":[{"find":1,"replace":"b"}]}',
    '{"replacements":[{"find":"a","replace":"b","requird":true}]}',
  ])("CP 3.1: malformed, is refused in words: %s", (text) => {
    expect(() => readPatches(text)).toThrow(AppError);
  });
});
