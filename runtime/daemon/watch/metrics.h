/* runtime/daemon/watch/metrics.h - How much, how many, how long: the page that Prometheus reads, in its text format
 * 0.0.4. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include <stdbool.h>

struct daemon;
struct evbuffer;

/* False: the core does not let anybody look. */
bool metrics_page(struct daemon *, struct evbuffer *);

#endif
