import type { Request, Response } from "express";
import * as z from "zod";
import type { Role } from "../../contract/wire.ts";
import type { Principal } from "../access/principal.ts";
import type { BodyBuffer } from "./body-buffer.ts";
import { inputFault } from "./input-fault.ts";
import { readJson } from "./json-body.ts";
import type { HttpParts } from "./parts.ts";

export type Method = "get" | "head" | "put" | "post" | "patch" | "delete";

/** One request to a route, its caller known. */
export interface Call {
  principal: Principal;
  request: Request;
  response: Response;
  /** Aborted when the caller goes away before the answer is complete. */
  signal: AbortSignal;
  parts: HttpParts;
  bodies: BodyBuffer;
}

/** Where a route's input comes from; each part has a schema. Header names are lower case. A `body` is JSON. */
export type InputShape = Partial<Record<"params" | "query" | "headers" | "body", z.ZodObject>>;

/** An answer besides errors, for the description of the API. */
export interface Answer {
  description: string;
  /** JSON of this shape, else … */
  schema?: z.ZodType;
  /** … bytes of this media type, else nothing. */
  mediaType?: string;
  /** Name and meaning of headers. */
  headers?: Record<string, string>;
}

/** What is said of a route. */
export interface RouteText {
  method: Method;
  /** Express pattern: `:name` is a segment, `*name` the rest of the path. */
  path: string;
  /** None: what it takes is no token. */
  roles: readonly Role[];
  summary: string;
  /** By status. */
  answers: Record<number, Answer>;
  /** Media type of a request body that is not JSON. */
  bodyType?: string;
}

/** A row of the table: what a route is, and how it serves a caller whose role is right. */
export interface Route extends RouteText {
  input: InputShape;
  serve(call: Call): Promise<void>;
}

interface RouteDefinition<Input extends InputShape> extends RouteText {
  input: Input;
  /** Gives the value to send as JSON, or sends the answer itself and gives undefined. */
  run: (call: Call, input: z.infer<z.ZodObject<Input>>) => Promise<unknown>;
}

/** Makes a row. Input is checked before `run`; a fault is `invalid_input`, naming the fields. */
export function defineRoute<Input extends InputShape>(definition: RouteDefinition<Input>): Route {
  const { input: shape, run, ...text } = definition;
  const schema = z.object(shape);
  return {
    ...text,
    input: shape,
    async serve(call) {
      const parsed = schema.safeParse(await givenInput(call, shape));
      if (!parsed.success) throw inputFault(parsed.error, shape);
      const value = await run(call, parsed.data);
      if (value !== undefined) call.response.json(value);
    },
  };
}

async function givenInput(
  { request, response, bodies }: Call,
  shape: InputShape,
): Promise<Record<string, unknown>> {
  return {
    params: Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, joined(value)])),
    query: { ...request.query },
    headers: request.headers,
    ...(shape.body !== undefined && { body: await readJson(bodies, request, response) }),
  };
}

/** Express gives the rest of a path as its segments, each decoded once. */
function joined(value: string | string[]): string {
  return Array.isArray(value) ? value.join("/") : value;
}
