// figures.js - The router's clock, shares and times as the console's tables show them.
import { duration } from "../dom.js";

// The browser's clock may be another one than the router's: times that go on are counted by the router's.
let ahead_us = 0, seen_us = 0;
export const clockIs = (wall_us) => { ahead_us = wall_us - Date.now() * 1000; seen_us = wall_us; };
// What is shown is at least as new as this moment of the router's.
export const seenUs = () => seen_us;
export const nowUs = () => Date.now() * 1000 + ahead_us;

export const forUs = (since_us) => (since_us ? duration((nowUs() - since_us) / 1000) : "");
export const lasts = (length_us) => (length_us === undefined || length_us === null ? "–" : duration(length_us / 1000));
export const percent = (part, whole) => (whole ? `${Math.round(100 * part / whole)} %` : "–");
// "3 lunch, 1 training", the most first.
export const listed = (counts) => [...counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${count} ${name}`).join(", ");
