import { plain } from "./format.ts";
import { displayWidth, fitWidth, padWidth } from "./text-width.ts";

/** Names of `util.inspect.colors`. */
export type Style = "bold" | "dim" | "red" | "green" | "yellow" | "cyan";

export interface Column {
  title: string;
  align?: "left" | "right";
  style?: Style;
}

/** What a table is drawn on. */
interface Sheet {
  paint: (style: Style, text: string) => string;
  /** Columns of the terminal: what would go past its edge is cut. Undefined: nothing is cut. */
  width: number | undefined;
}

/** A last column is never cut shorter than this. */
const LEAST_COLUMNS = 10;

/** Rows under their titles, columns aligned by what a terminal shows. */
export function layOut(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { paint, width }: Sheet,
): string {
  const cells = rows.map((row) => columns.map((_, index) => plain(row[index] ?? "")));
  const widths = columns.map(({ title }, index) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[index] ?? ""))),
  );
  const used = widths.slice(0, -1).reduce((sum, each) => sum + each + 2, 0);
  const room = width === undefined ? Infinity : Math.max(LEAST_COLUMNS, width - used);
  const lineOf = (row: readonly string[], styles: readonly (Style | undefined)[]): string =>
    columns
      .map(({ align }, index) => {
        const isLast = index === columns.length - 1;
        const text = isLast ? fitWidth(row[index] ?? "", room) : (row[index] ?? "");
        const padded = isLast && align !== "right" ? text : padWidth(text, widths[index] ?? 0, align);
        const style = styles[index];
        return style === undefined ? padded : paint(style, padded);
      })
      .join("  ")
      .trimEnd();
  const styles = columns.map(({ style }) => style);
  return [
    lineOf(
      columns.map(({ title }) => title),
      columns.map(() => "bold"),
    ),
    ...cells.map((row) => lineOf(row, styles)),
  ].join("\n");
}
