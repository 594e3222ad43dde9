/** Whose a part of a conversation is. */
export const TURN_ROLES = ["user", "assistant", "thinking", "tool_call", "tool_result", "system"] as const;
