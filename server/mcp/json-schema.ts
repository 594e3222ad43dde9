import * as z from "zod";

/** A JSON Schema (2020-12) of an object, as MCP lists it. */
export interface ObjectSchema {
  [keyword: string]: unknown;
  type: "object";
}

/**
 * The JSON Schema of what a tool takes or gives. Computed once per tool, when the program starts. Answers may gain
 * fields later, so their schema does not forbid unknown ones.
 */
export function jsonSchemaOf(schema: z.ZodType, io: "input" | "output"): ObjectSchema {
  const json = z.toJSONSchema(schema, {
    io,
    target: "draft-2020-12",
    override: ({ jsonSchema }) => {
      if (io === "output" && jsonSchema.additionalProperties === false)
        delete jsonSchema.additionalProperties;
    },
  });
  // The plain copy drops what zod attaches for itself and does not print.
  return { ...JSON.parse(JSON.stringify(json)), type: "object" };
}
