/* vm/counted.h - How many keys a counter of the site keeps: the compiler checks what a site says, the core keeps so
 * many. */
#pragma once

/* COUNTER_KEYS: the number where the site gives none; COUNTER_KEYS_MAX: the highest number that a site may give. */
enum { COUNTER_KEYS = 1000, COUNTER_KEYS_MAX = 50000 };
