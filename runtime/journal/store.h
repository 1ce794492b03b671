/* runtime/journal/store.h - Where batches and images are kept: a narrow interface with implementations behind it.
 *
 * A batch is appended after the one before it or not at all. An image is durable before a batch names it. */
#ifndef JOURNAL_STORE_H
#define JOURNAL_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/host/host.h"
#include "vm/error.h"

struct store;

struct store *store_open_sqlite(const char *directory, struct error *); /* WAL, synchronous FULL, asserted */
struct store *store_open_memory(void);
void store_close(struct store *);

/* Blocks until the batch is durable. `number` follows the last one. A sync that failed is APPEND_UNKNOWN: it is never
 * tried again on the same connection. */
enum append_result store_append(struct store *, uint64_t number, struct span batch, struct error *);
/* The batch of that number, valid until the next store_read; false where there is none. */
bool store_read(struct store *, uint64_t number, struct span *batch, struct error *);
uint64_t store_last(struct store *); /* 0: empty */

bool store_put_image(struct store *, const uint8_t hash[32], struct span bytes, struct error *);
bool store_get_image(struct store *, const uint8_t hash[32], struct span *bytes, struct error *);

#endif
