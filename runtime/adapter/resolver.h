/* runtime/adapter/resolver.h - A peer's name made addresses, while the loop goes on.
 *
 * By the system's own resolver (hosts, DNS and whatever else the machine asks), which blocks: on a thread of its own.
 * Numeric addresses need neither. The result is not kept: each new connection looks the name up again, as names move;
 * of several addresses each attempt takes the next. A thread that still waits when the resolver is freed ends by itself
 * (aside.h). */
#pragma once

#include "runtime/adapter/address.h"

struct event_base;
struct resolver;

/* Called from the loop, never from within resolver_begin(); `address` NULL: none was found, and why. It may begin the
 * next one, and may free the resolver. */
typedef void resolver_done(void *self, const struct address *, const char *why);

struct resolver *resolver_new(struct event_base *, resolver_done *, void *self);
void resolver_free(struct resolver *);
/* "host:port", for the next attempt. One at a time: while one runs another is not begun. */
void resolver_begin(struct resolver *, const char *text);
