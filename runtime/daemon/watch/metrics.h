/* runtime/daemon/watch/metrics.h - The page that Prometheus reads, in its text format 0.0.4, made from metrics.def.
 *
 * Owns nothing. Invariant: the page has every row of the table, in its order. On the loop's thread. */
#pragma once

#include <stdbool.h>

struct daemon;
struct evbuffer;

/* Writes the page. False: the core has not answered in time. */
bool metrics_page(struct daemon *, struct evbuffer *);
