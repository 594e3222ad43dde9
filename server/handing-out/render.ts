import { AppError } from "../../contract/errors.ts";
import { isPlainUrl } from "../../contract/plain-url.ts";

/** Fills `@URL@`, `@SHA256@` and `@VERSION@` in. Throws `invalid_input` for a URL that could mean anything else in a script. */
export function rendered(template: string, values: { url: string; sha256: string; version: string }): string {
  if (!isPlainUrl(values.url))
    throw new AppError("invalid_input", "This address cannot be written into a script", {
      hint: "Set PUBLIC_URL on the server to one such as https://memory.example",
    });
  return template
    .replaceAll("@URL@", values.url)
    .replaceAll("@SHA256@", values.sha256)
    .replaceAll("@VERSION@", values.version);
}
