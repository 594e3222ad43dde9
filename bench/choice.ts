import { parseArgs } from "node:util";
import type { Row } from "./bench.ts";
import { ROWS } from "./rows/index.ts";
import { FULL, QUICK, type Sizes } from "./sizes.ts";

/** On the command line: how good the ranking is, beside the rows that say how fast. */
const QUALITY = "quality";

/** What is to be measured. */
export interface Choice {
  sizes: Sizes;
  rows: readonly Row[];
  quality: boolean;
  /** A folder with the BEAM questions, which are not shipped. */
  beamFolder: string | undefined;
  /** Nothing is left out. */
  isWhole: boolean;
}

/** Reads `[--quick] [--beam FOLDER] [row …]`. Throws for a row that there is not. */
export function readChoice(argv: readonly string[]): Choice {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { quick: { type: "boolean" }, beam: { type: "string" } },
    allowPositionals: true,
  });
  const isWhole = positionals.length === 0;
  return {
    sizes: values.quick === true ? QUICK : FULL,
    rows: isWhole ? ROWS : positionals.filter((name) => name !== QUALITY).map(rowNamed),
    quality: isWhole || positionals.includes(QUALITY),
    beamFolder: values.beam,
    isWhole,
  };
}

function rowNamed(name: string): Row {
  const row = ROWS.find((known) => known.name === name);
  if (row !== undefined) return row;
  throw new Error(
    `There is no row ${name}; there are ${[...ROWS.map((known) => known.name), QUALITY].join(", ")}`,
  );
}
