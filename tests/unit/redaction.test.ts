import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Redactor } from "../../client/redact/redactor.ts";
import { PEM_RULES } from "../../contract/redaction/pem-rule.ts";
import { PLACE_RULES } from "../../contract/redaction/place-rules.ts";
import { Redaction } from "../../contract/redaction/redact.ts";
import { FactsCollector } from "../../contract/transcript.ts";
import { LIMITS } from "../../contract/limits.ts";
import { realTranscripts } from "../support/transcripts.ts";

const REDACTION = new Redaction();
/** Put together here, so that nobody who scans this file takes it for a secret. */
const TOKEN = ["gh", "p_", "Zq7Wn2Rb9Xk4Vt6Ym3Lc8Hd5Fs1Gj0PaQeUo"].join("");
const AWS_ID = ["AK", "IAQ7ZN2RB9XK4VT6YM"].join("");
const AWS_SECRET = ["wJal", "rXUtnFEMI/K7MDENG/bPxRfiCYzzzzKEYaaa"].join("");
const KEY_BODY = "MIIEpAIBAAKCAQEA7Zq9Wn2Rb9Xk4Vt6Ym3Lc8Hd5Fs1Gj0PaQeUoTyIrEwKzXvB";
const BASE64 = fc.stringMatching(/^[A-Za-z0-9+/]{300,2000}={0,2}$/);

describe("text that only looks like a secret", () => {
  it.each([
    [
      "commits and digests",
      "fixed in 980d21e, 3f786850e387550fdab836ed7e6dc881de23001b, sha256:9f86d081884c7d659a2feaa0c55ad015",
    ],
    [
      "ids of a session",
      '"sessionId":"0dcf3c4b-3986-4165-a77c-8c4c283b531c","id":"toolu_01zp6TCLZpHBBOEBkBGs7pEO","requestId":"req_011Cm5TrlzyFb1CnopLMY7Zl"',
    ],
    [
      "numbers of tokens",
      '{"max_tokens":1000,"usage":{"input_tokens":12345678,"output_tokens":88},"token_count":12345678}',
    ],
    [
      "empty and hidden passwords",
      '{"password":null,"password":true,"password":"","password":"***","password":"********"}',
    ],
    [
      "places for a password",
      '{"password":"${DB_PASSWORD}","token":"<your token here>","secret":"{{ secret_value }}"}',
    ],
    [
      "where a password comes from",
      'password = process.env.DB_PASSWORD1\ntoken = os.environ["TOKEN_2"]\nsecret: config.auth0.clientSecret2',
    ],
    [
      "calls and types",
      "const token = getToken2FromRequest(req)\npassword: string\nfunction f(token: string, secret: Uint8Array)",
    ],
    [
      "addresses without a password",
      "http://127.0.0.1:8080/x@y postgres://localhost:5432/app git@github.com:me/repo.git",
    ],
    ["passwords of explanations", "postgres://user:password@localhost/app and mysql://root:changeme@db/x"],
    [
      "words about secrets",
      "the token bucket algorithm; Basic authentication is disabled; bearer of bad news; secret_key_base_file",
    ],
    [
      "names in a chart",
      '{"secretName":"webshop-tls-certificate","tokenEndpoint":"https://id.example/oauth2/token"}',
    ],
    [
      "sentences in other scripts",
      '{"token":"\u4ee4\u724cToken\u65e0\u6548\uff0c\u8bf7\u91cd\u65b0\u767b\u5f55"}',
    ],
    [
      "models and files of tokens",
      '{"tokenizer":"cl100k_base_v2x","token_file":"~/.config/x9/token","secretName":"db-2024-a1b2"}',
    ],
    [
      "options that name a secret",
      "docker build --secret id=npmrc2,src=.npmrc --password-stdin --token --yes-1a2b3c",
    ],
    [
      "names of values",
      '{"name":"DB_PASSWORD","value":"${DB_PASSWORD}"},{"name":"token_type","value":"Xy7kQ2mZ9w"},{"name":"PASSWORD","value":"see-below"}',
    ],
    [
      "what is put together, masked or cut short",
      'token="Bearer-${id}" password="{name}-{env}" secret="sk-ab***yz" token: "eyJhbG...x9Q2" API_TOKEN="<token>"',
    ],
    [
      "words of explanations",
      'DB_PASSWORD=changeme POSTGRES_PASSWORD=postgres password: "your-password1" APP_PASSWORD=$APP_PASSWORD',
    ],
    [
      "sentences beside passwords",
      '{"password":"Must have 8 characters or more","passwordHint":"Use Abc1 as a start","PASSWORD":"Enter it"}',
    ],
    [
      "what looks like a place of a password",
      "10.0.0.1:5432:2026:11:21 https://my-user.name@git.example/x curl -u name https://a.example",
    ],
    ["names of values, of a shell", "TOKEN=sunshinedragon password=sunshinedragon PWD=/home/me/work"],
    ["types that are joined", "type Token = NullToken | JSXIdentifierToken | JSXTextToken | KeywordToken"],
    ["classes of tokens", String.raw`{"token":"App\\Models\\Token2Class"}`],
    ["a public key", `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${KEY_BODY.slice(0, 40)} me@laptop`],
    ["package digests", `"integrity": "sha512-${KEY_BODY}${KEY_BODY.slice(0, 21)}A=="`],
  ])("stays: %s", (_, text) => {
    expect(REDACTION.document(text)).toEqual({ text, counts: {} });
  });

  it.each([
    [
      "signature of Claude's thinking",
      (blob: string) => ({ type: "thinking", thinking: "", signature: blob }),
    ],
    ["encrypted reasoning of Codex", (blob: string) => ({ type: "reasoning", encrypted_content: blob })],
    [
      "picture",
      (blob: string) => ({ type: "image", source: { type: "base64", media_type: "image/png", data: blob } }),
    ],
  ])("stays: the %s", (_, blockOf) => {
    fc.assert(
      fc.property(BASE64, (blob) => {
        const line = JSON.stringify(blockOf(blob));
        expect(REDACTION.line(line).text).toBe(line);
      }),
    );
  });
});

describe("secrets", () => {
  it.each([
    [
      "the password alone of an address",
      "postgres://app:s4Cr3tW0rd99@db.example/app",
      "postgres://app:[redacted:url]@db.example/app",
    ],
    [
      "up to an escape",
      String.raw`{"t":"PASSWORD=Xy7kQ2mZ9w\nnext"}`,
      String.raw`{"t":"PASSWORD=[redacted:assigned]\nnext"}`,
    ],
    [
      "up to an escaped quote",
      String.raw`{"t":"{\"password\":\"Xy7kQ2mZ9w\"}"}`,
      String.raw`{"t":"{\"password\":\"[redacted:assigned]\"}"}`,
    ],
    ["right behind an escape", String.raw`{"t":"a\n${TOKEN}"}`, String.raw`{"t":"a\n[redacted:github]"}`],
    ["side by side", `${TOKEN},${TOKEN}`, "[redacted:github],[redacted:github]"],
    [
      "one touching another",
      `rubygems_${"0a1b2c3d".repeat(6)}${TOKEN}`,
      "[redacted:rubygems][redacted:github]",
    ],
    ["with letters of other scripts", "password: Größe7Xk9mZ2 next", "password: [redacted:assigned] next"],
    [
      "numbers, with the quotes of their names",
      '{"password":48151623,"n":1}',
      '{"password":"[redacted:assigned]","n":1}',
    ],
    [
      "beside their names, in JSON",
      '{"env":[{"name":"DB_PASSWORD","value":"Xy7kQ2mZ9w"}]}',
      '{"env":[{"name":"DB_PASSWORD","value":"[redacted:assigned]"}]}',
    ],
    [
      "beside their names, in JSON in JSON of several lines",
      String.raw`{"t":"{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"Xy7kQ2mZ9w\"\n}"}`,
      String.raw`{"t":"{\n  \"name\": \"DB_PASSWORD\",\n  \"value\": \"[redacted:assigned]\"\n}"}`,
    ],
    [
      "beside their names, in YAML",
      "- name: DB_PASSWORD\n  value: Xy7kQ2mZ9w\n",
      "- name: DB_PASSWORD\n  value: [redacted:assigned]\n",
    ],
    [
      "beside their names, in an element",
      '<add key="DbPassword" value="Xy7kQ2mZ9w"/>',
      '<add key="DbPassword" value="[redacted:assigned]"/>',
    ],
    [
      "behind a backslash within",
      String.raw`{"password":"Tr0ub4dor&3\\xQ9zzzW"}`,
      '{"password":"[redacted:assigned]"}',
    ],
    [
      "with signs that Go and PHP escape",
      String.raw`{"password":"a\u0026Xk9vQ2\/mLp7","n":1}`,
      '{"password":"[redacted:assigned]","n":1}',
    ],
    ["of this product", `fmsy_${TOKEN}`, "[redacted:federated-memory]"],
    [
      "past quotes that are escaped within",
      String.raw`{"password":"Tr0\"ub4dor&3xQ9","n":1}`,
      '{"password":"[redacted:assigned]","n":1}',
    ],
    [
      "past what is escaped within, in JSON in JSON",
      String.raw`{"t":"{\"password\":\"Tr0\\\"ub4\\\\dor&3xQ9\",\"n\":1}"}`,
      String.raw`{"t":"{\"password\":\"[redacted:assigned]\",\"n\":1}"}`,
    ],
    ["past an apostrophe", `{"password":"Xy7kQ2m'Z9w"}`, '{"password":"[redacted:assigned]"}'],
    ["that hold what is put in elsewhere", 'PW_TOKEN="aB3{kQ9z}Lw2"', 'PW_TOKEN="[redacted:assigned]"'],
    [
      "that begin what is put in elsewhere",
      'DB_PASSWORD="aB3$(kQ9zLw2"',
      'DB_PASSWORD="[redacted:assigned]"',
    ],
    ["that hold an ellipsis", 'DB_PASSWORD="aB3...kQ9zLw2"', 'DB_PASSWORD="[redacted:assigned]"'],
    ["that hold the sign of a mask", 'SECRET_KEY="aB3xxxxxkQ9zLw2Pq8"', 'SECRET_KEY="[redacted:assigned]"'],
    [
      "that hold a word of explanations",
      'ADMIN_PASSWORD="Example!9921#Kz"',
      'ADMIN_PASSWORD="[redacted:assigned]"',
    ],
    ["that are a word, of a variable", "DB_PASSWORD=sunshinedragon\n", "DB_PASSWORD=[redacted:assigned]\n"],
    ["that are words, of a variable", 'DB_PASSWORD="sunshine-dragon1"', 'DB_PASSWORD="[redacted:assigned]"'],
    ["that are words and a number", 'password: "sunshine-dragon1"', 'password: "[redacted:assigned]"'],
    ["that are a phrase", 'passphrase="correct-horse-battery"', 'passphrase="[redacted:assigned]"'],
    ["with blanks", 'password: "correct Horse9 battery"', 'password: "[redacted:assigned]"'],
    [
      "in the next line",
      '{\n "password":\n   "Xy7kQ2mZ9w"\n}',
      '{\n "password":\n   "[redacted:assigned]"\n}',
    ],
    ["in a block of YAML", "password: >-\n  Xy7kQ2mZ9w", "password: >-\n  [redacted:assigned]"],
    [
      "in a block of Terraform",
      'variable "db_password" {\n  default = "Xy7kQ2mZ9w"\n}',
      'variable "db_password" {\n  default = "[redacted:assigned]"\n}',
    ],
    ["in a table", "| password | Xy7kQ2mZ9w |", "| password | [redacted:assigned] |"],
    [
      "in German",
      "Das Passwort lautet Xy7kQ2mZ9w, Kennwort: Ab8kQ2mZ9w",
      "Das Passwort lautet [redacted:assigned], Kennwort: [redacted:assigned]",
    ],
    [
      "in colours",
      String.raw`{"t":"password: \u001b[32mXy7kQ2mZ9w\u001b[0m"}`,
      String.raw`{"t":"password: \u001b[32m[redacted:assigned]\u001b[0m"}`,
    ],
    ["of mysql", "mysql -pXy7kQ2mZ9w app", "mysql -p[redacted:option] app"],
    ["of a list of arguments", '["mysql","-pXy7kQ2mZ9w"]', '["mysql","-p[redacted:option]"]'],
    ["of redis-cli", "redis-cli -h cache -a Xy7kQ2mZ9w ping", "redis-cli -h cache -a [redacted:option] ping"],
    ["of .pgpass", "db.int:5432:app:me:Xy7kQ2mZ9w", "db.int:5432:app:me:[redacted:pgpass]"],
    [
      "that aws configure was told",
      `AWS Secret Access Key [None]: ${AWS_SECRET}`,
      "AWS Secret Access Key [None]: [redacted:aws-secret]",
    ],
    ["of Amazon's file", `me,${AWS_ID},${AWS_SECRET}`, "me,[redacted:aws-access],[redacted:aws-secret]"],
    [
      "of Docker's file",
      `{"auths":{"https://r.example/":{"auth":"${btoa("bob:Xy7kQ2mZ9w")}"}}}`,
      '{"auths":{"https://r.example/":{"auth":"[redacted:docker-auth]"}}}',
    ],
    [
      "in the user's place of an address",
      "git clone https://x9Kq2mLp7Rt4WzB8vQ2m@git.example/x.git",
      "git clone https://[redacted:url]@git.example/x.git",
    ],
    ["with an at sign in an address", "mysql://root:p@ssW0rd99x@h/db", "mysql://root:[redacted:url]@h/db"],
  ])("go: %s", (_, text, expected) => {
    expect(REDACTION.document(text).text).toBe(expected);
  });

  it("of this machine go wherever they stand", () => {
    const redaction = new Redaction(["correct horse (battery)"]);

    expect(redaction.document("xcorrect horse (battery)y").text).toBe("x[redacted:own]y");
  });

  it("go whole, however long they are", () => {
    const { text } = REDACTION.line(
      `{"a":"${"x ".repeat(40_000)}","token":"${"aB3".repeat(200_000)}","b":1}`,
    );

    expect(text.slice(-45)).toBe('x x x x ","token":"[redacted:assigned]","b":1}'.slice(-45));
  });
});

/** What a rule looks for, again before the end of what it reads: reading on from each would cost the square of their number. */
const REPEATED: [anchor: string, text: string][] = [
  ["curl ", "curl x curl -u me:Xy7kQ2mZ9w"],
  ["mysql", "mysql x mysql -pXy7kQ2mZ9w"],
  ["redis-cli", "redis-cli x redis-cli -a Xy7kQ2mZ9w"],
  ["otpauth", "otpauth://x/otpauth://y?secret=JBSWY3DPEHPK3PXP"],
];

describe("a line made to be slow", () => {
  it.each(REPEATED)("is read from each %s no further than to the next", (anchor, text) => {
    const rule = PLACE_RULES.find(({ anchors }) => anchors.includes(anchor));

    const fromFirst = new RegExp(rule?.pattern.source ?? "", "iy").exec(text);

    expect(fromFirst).toBeNull();
    expect(REDACTION.document(text).text).toMatch(/\[redacted:(?:option|otp)\]$/);
  });
});

/** How the tools of agents, and people, write the lines of a key. */
const SHAPES: Record<string, (lines: string[]) => unknown> = {
  "the patch of an edit": (lines) => ({ structuredPatch: [{ lines: lines.map((each) => `+${each}`) }] }),
  "a list": (lines) => lines,
  "an added text": (lines) => lines.map((each) => `+${each}`).join("\n"),
  "a removed text": (lines) => lines.map((each) => `-${each}`).join("\n"),
  "strings of a program": (lines) => lines.map((each) => `"${each}\\n" +`).join("\n"),
  "a list in YAML": (lines) => lines.map((each) => `  - "${each}"`).join("\n"),
  "what a search found": (lines) => lines.map((each, at) => `a/key.pem:${at + 1}:${each}`).join("\n"),
  "what a search found around": (lines) => lines.map((each, at) => `key.pem-${at + 1}-${each}`).join("\n"),
  "a comment": (lines) => lines.map((each) => `# ${each}`).join("\n"),
  "a numbered text": (lines) => lines.map((each, at) => `    ${at + 1}\u2192${each}`).join("\n"),
  "JSON in JSON": (lines) => JSON.stringify({ lines }),
  "its end alone": (lines) => `of the file\n${lines.slice(1).join("\n")}`,
  "its end alone, in JSON in JSON": (lines) =>
    JSON.stringify({ text: `it is\n${lines.slice(1).join("\n")}` }),
};

describe("a private key", () => {
  const lines = [
    "-----BEGIN RSA PRIVATE KEY-----",
    KEY_BODY,
    KEY_BODY,
    "AAAA==",
    "-----END RSA PRIVATE KEY-----",
  ];

  it("in a document leaves as many lines as it had", () => {
    const { text, counts } = REDACTION.document(`# Notes\r\n\r\n${lines.join("\r\n")}\r\n\r\nEnd.\r\n`);

    expect(text).toBe("# Notes\r\n\r\n[redacted:pem]\r\n[...]\r\n[...]\r\n[...]\r\n[...]\r\n\r\nEnd.\r\n");
    expect(counts).toEqual({ pem: 1 });
  });

  it.each([1, 2, 3, 4])("goes as far as it is there: %i lines and no end", (count) => {
    const line = JSON.stringify({ content: lines.slice(0, count + 1).join("\n") });
    const { text } = REDACTION.line(line);

    expect(text).not.toContain(KEY_BODY.slice(0, 20));
    expect(JSON.parse(text)).toEqual({ content: expect.stringContaining("[redacted:") });
  });

  it.each(Object.entries(SHAPES))("goes where it stands as %s", (_, shape) => {
    const line = JSON.stringify({ content: shape(lines), after: "kept" });
    const { text } = REDACTION.line(line);

    expect(text).not.toContain(KEY_BODY.slice(0, 20));
    expect(JSON.parse(text)).toMatchObject({ after: "kept" });
  });

  it("is looked for no further than to where the next one begins", () => {
    const text = "-----BEGIN PRIVATE KEY-----\nAbc: x ".repeat(100);

    const read = PEM_RULES.flatMap(({ pattern }) => new RegExp(pattern.source, "y").exec(text)?.[0] ?? []);

    expect(read).toEqual([text.slice(0, text.indexOf("x ") + 2)]);
  });

  it("that is only spoken of stays", () => {
    const text = "Files begin with -----BEGIN PRIVATE KEY----- and end with -----END PRIVATE KEY-----";

    expect(REDACTION.document(text).text).toBe(text);
  });
});

/** Pieces that meet in all orders: secrets, hints of some, escapes, marks, other scripts. */
const PIECES = fc.constantFrom(
  TOKEN,
  "token",
  "password",
  ": ",
  '": "',
  "=",
  '\\"',
  "\\n",
  "\\",
  '"',
  "Xy7kQ2mZ9w",
  "[redacted:github]",
  "://u:",
  "@h",
  "-----BEGIN PRIVATE KEY-----",
  KEY_BODY,
  "-----END PRIVATE KEY-----",
  '","',
  "\\n-",
  "key.pem:1:",
  '","value":"',
  "\\\\x",
  "\\/",
  "Bearer ",
  "'",
  '\\\\\\"',
  "$(",
  "\\u001b[32m",
  " | ",
  ": >-\\n  ",
  "DB_PASSWORD=sunshinedragon",
  "correct Horse9 battery",
  "\u65e5\u672c",
  " ",
  "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
);
const TEXT = fc.array(PIECES, { maxLength: 25 }).map((pieces) => pieces.join(""));
const DOCUMENT = fc.array(TEXT, { maxLength: 6 }).map((lines) => lines.join("\n"));

describe("redacting", () => {
  it("twice is redacting once, and keeps every line end", () => {
    fc.assert(
      fc.property(DOCUMENT, (text) => {
        const once = REDACTION.document(text).text;
        expect(REDACTION.document(once).text).toBe(once);
        expect(once.replace(/[^\n]/g, "")).toBe(text.replace(/[^\n]/g, ""));
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves JSON what was JSON", () => {
    fc.assert(
      fc.property(
        fc.dictionary(TEXT, fc.oneof(TEXT, fc.integer(), fc.array(TEXT, { maxLength: 3 }))),
        (value) => {
          const nested = JSON.stringify({ content: JSON.stringify(value) });
          for (const line of [JSON.stringify(value), nested])
            expect(() => JSON.parse(REDACTION.line(line).text)).not.toThrow();
        },
      ),
      { numRuns: 1000 },
    );
  });

  it("writes a line anew whose JSON a mark would break", () => {
    const redaction = new Redaction(["nightly-secret-value"]);
    const line = String.raw`{ "a": "x\nightly-secret-value", "token": "${TOKEN}" }`;

    const { text, counts } = redaction.line(line);

    expect(JSON.parse(text)).toEqual({ a: "x\nightly-secret-value", token: "[redacted:github]" });
    expect(counts).toEqual({ rewritten: 1, github: 1 });
  });
});

async function* inPieces(bytes: Buffer, sizeBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += sizeBytes) yield bytes.subarray(at, at + sizeBytes);
}

async function redactedOf(text: string | Buffer, { pieceBytes = 50, isOver = true } = {}) {
  const parts: Buffer[] = [];
  const result = await new Redactor().transcript(inPieces(Buffer.from(text), pieceBytes), {
    write: async (bytes) => parts.push(Buffer.from(bytes)),
    isOver,
  });
  return { text: Buffer.concat(parts).toString("utf8"), ...result };
}

describe("a transcript", () => {
  it("becomes the same in whatever pieces it is read, line by line", async () => {
    await fc.assert(
      fc.asyncProperty(DOCUMENT, fc.integer({ min: 1, max: 400 }), async (text, pieceBytes) => {
        const lines = text.split("\n").map((line) => REDACTION.line(line).text);
        expect((await redactedOf(text, { pieceBytes })).text).toBe(lines.join("\n"));
      }),
      { numRuns: 300 },
    );
  });

  it("that grows keeps the beginning it had", async () => {
    await fc.assert(
      fc.asyncProperty(DOCUMENT, DOCUMENT, async (one, other) => {
        const before = await redactedOf(`${one}\n`);
        const after = await redactedOf(`${one}\n${other}`);
        expect(after.text.startsWith(before.text)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("waits with a last line that is not whole, until nobody ends it any more", async () => {
    const begun = `{"a":1}\n{"password":"Xy7kQ2`;

    expect(await redactedOf(begun, { isOver: false })).toMatchObject({ text: '{"a":1}\n', leftOut: true });
    expect(await redactedOf('{"a":1}\n{"b":2}', { isOver: false })).toMatchObject({ leftOut: false });
    expect(await redactedOf(begun, { isOver: true })).toMatchObject({ text: begun, leftOut: false });
  });

  it("may have a line of the greatest length, and none longer", async () => {
    const [head, tail] = ['{"a":"', `${TOKEN}"}`];
    const line = `${head}${"y ".repeat((LIMITS.sessions.lineBytes - head.length - tail.length) / 2)}${tail}`;
    const options = { pieceBytes: 1024 * 1024 };

    const longest = await redactedOf(line, options);

    expect(longest).toMatchObject({ counts: { github: 1 } });
    expect(longest.text.slice(-30)).toBe('y y y y y y [redacted:github]"}'.slice(-30));
    await expect(redactedOf(`${line}yy`, options)).rejects.toMatchObject({ code: "too_large" });
  }, 60_000);
});

describe("a real transcript", () => {
  it.each(realTranscripts().map(({ path, bytes }) => [path, bytes] as const))(
    "tells the same of itself afterwards, and loses what was planted in it: %s",
    async (_, bytes) => {
      const lines = bytes.toString("utf8").split("\n");
      const planted = lines.map((line) => line.replaceAll("\\n", `\\nTOKEN=${TOKEN}\\n`)).join("\n");

      const { text, counts } = await redactedOf(planted, { pieceBytes: 100_000 });

      expect(factsOf(text)).toEqual(factsOf(planted));
      expect(text).not.toContain(TOKEN);
      expect(Object.keys(counts).filter((rule) => rule !== "github")).toEqual([]);
      expect(text.replaceAll("[redacted:github]", TOKEN)).toBe(planted);
    },
  );
});

/** But for what the person wrote, where secrets may have stood. */
function factsOf(text: string) {
  const collector = new FactsCollector();
  for (const line of text.split("\n")) collector.add(line);
  const { firstPrompt: _, title: __, ...facts } = collector.facts();
  return facts;
}
