/* vm/counted.h - How many keys a counter of the site keeps: the compiler checks what a site says, the core keeps so
 * many. */
#pragma once

enum { COUNTER_KEYS = 1000, COUNTER_KEYS_MAX = 50000 }; /* where the site says nothing; at most */
