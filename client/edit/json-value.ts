import { isDeepStrictEqual } from "node:util";
import { parseJsonc, type Json, type JsonContainer, type JsonMember, type JsonNode } from "./jsonc.ts";

/** The value of a node as JSON.parse would give it. */
export function valueOf(node: JsonNode): Json {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "array") return node.members.map(({ value }) => valueOf(value));
  return Object.fromEntries(node.members.map(({ name, value }) => [name ?? "", valueOf(value)]));
}

/** The members of an object that have this name: one, where the keys differ. */
export function membersNamed(node: JsonNode, name: string): JsonMember[] {
  return node.kind === "object" ? node.members.filter((member) => member.name === name) : [];
}

/** The nodes that names lead to, one after the other; where keys are equal, all of them, the last one being what counts. */
export function nodesAt(root: JsonNode, path: readonly string[]): JsonNode[] {
  return path.reduce((nodes, name) => nodes.flatMap((node) => valuesNamed(node, name)), [root]);
}

/** True when two texts hold the same; false when one of them cannot be read. */
export function holdSame(one: string, other: string): boolean {
  const [first, second] = [parseJsonc(one), parseJsonc(other)];
  if (first.faults.length > 0 || second.faults.length > 0) return false;
  return isDeepStrictEqual(first.root && valueOf(first.root), second.root && valueOf(second.root));
}

/** Narrows a value to an object of JSON. */
export function isJsonObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isContainer(node: JsonNode): node is JsonContainer {
  return node.kind !== "scalar";
}

function valuesNamed(node: JsonNode, name: string): JsonNode[] {
  return membersNamed(node, name).map(({ value }) => value);
}
