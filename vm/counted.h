/* vm/counted.h - How many keys a counter of the site keeps: the compiler checks what a site says, the core keeps so
 * many. */
#pragma once

/* The number if the site says nothing; the highest number that a site may say. */
enum { COUNTER_KEYS = 1000, COUNTER_KEYS_MAX = 50000 };
