/* runtime/daemon/metrics.h - How much, how many, how long: the page that Prometheus reads, in its text format 0.0.4. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

struct daemon;
struct evbuffer;

void metrics_page(struct daemon *, struct evbuffer *);

#endif
