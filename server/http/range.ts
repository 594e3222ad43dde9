import { HttpError } from "./http-error.ts";

/** Bytes of a representation; both ends inclusive. */
export interface ByteRange {
  first: number;
  last: number;
}

const ONE_RANGE = /^bytes=(\d{0,16})-(\d{0,16})$/;

/**
 * The single range a Range header asks for, cut to the size. Undefined, which means the whole, for no header, another
 * unit, several ranges, or one that is not well formed (RFC 9110, section 14.2). Throws 416 when nothing of it is there.
 */
export function requestedRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const [, from, to] = ONE_RANGE.exec(header ?? "") ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return undefined;
  const first = from === "" ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const last = from === "" || to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (from !== "" && to !== "" && Number(to) < Number(from)) return undefined;
  if (first > last) throw unsatisfiable(sizeBytes);
  return { first, last };
}

function unsatisfiable(sizeBytes: number): HttpError {
  return new HttpError(
    416,
    "invalid_input",
    `The content has ${sizeBytes} bytes; nothing of the range is there`,
    {
      headers: { "Content-Range": `bytes */${sizeBytes}` },
    },
  );
}
