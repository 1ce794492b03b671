/* runtime/adapter/robots.h - How often machines of ours have written to each address in the last ten minutes: the other
 * side may be a machine, too, and two of them would answer each other for ever. */
#ifndef ADAPTER_ROBOTS_H
#define ADAPTER_ROBOTS_H

#include <glib.h>
#include <stdint.h>

/* A table of addresses, which spell letters as they like. Freed by g_hash_table_destroy(). */
GHashTable *robots_new(void);
/* One more to the address; returns how many that makes. */
unsigned robots_count(GHashTable *, const char *address, uint64_t now_us);
void robots_tick(GHashTable *, uint64_t now_us); /* now and then: forgets what is older */

#endif
