import type { Place } from "../../index/order.ts";

/**
 * Where literal and regex answers stand: newest document first, then by its key, then by line. What arrives later
 * is newer, so it cannot push what was given onto the next page.
 */
export interface Position extends Place {
  line: number;
}
