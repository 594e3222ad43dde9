const ESCAPED = /[.+^$()|\\/]/;

/**
 * The paths a glob pattern means, as a test on `/`-separated relative paths. `*` and `?` stay inside one name,
 * `**` as a whole segment spans folders (and none), `[a-z]` and `[!a-z]` are classes, `{a,b}` alternatives. Names
 * that begin with a dot match only where the pattern writes the dot.
 */
export function compileGlob(pattern: string): (path: string) => boolean {
  const segments = pattern.replace(/^(?:\.?\/)+/, "").split("/");
  let source = "";
  for (const [index, segment] of segments.entries()) {
    const last = index === segments.length - 1;
    if (segment === "**") source += last ? "(?!\\.)[^/]+(?:/(?!\\.)[^/]+)*" : "(?:(?!\\.)[^/]+/)*";
    else source += `${segmentSource(segment)}${last ? "" : "/"}`;
  }
  const expression = new RegExp(`^${source}$`, "u");
  return (path) => expression.test(path);
}

function segmentSource(segment: string): string {
  const dotted = segment.startsWith(".") ? "" : "(?!\\.)";
  let source = "";
  let depth = 0;
  for (let index = 0; index < segment.length; index += 1) {
    const char = segment.charAt(index);
    const rest = segment.slice(index);
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[" && classIn(rest) !== undefined) {
      const found = classIn(rest) ?? "";
      source += classSource(found);
      index += found.length - 1;
    } else if (char === "{" && rest.includes("}")) {
      source += "(?:";
      depth += 1;
    } else if (char === "," && depth > 0) source += "|";
    else if (char === "}" && depth > 0) {
      source += ")";
      depth -= 1;
    } else source += ESCAPED.test(char) || "[]{}*?".includes(char) ? `\\${char}` : char;
  }
  return `${dotted}${source}${")".repeat(depth)}`;
}

function classIn(text: string): string | undefined {
  return /^\[!?\]?[^\]/]*\]/.exec(text)?.[0];
}

function classSource(found: string): string {
  const negated = found.startsWith("[!");
  const body = found.slice(negated ? 2 : 1, -1).replace(/[\\\]^[&~|]/g, "\\$&");
  return negated ? `[^/${body}]` : `[${body}]`;
}
