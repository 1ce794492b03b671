/* runtime/adapter/resolver.h - Finds the addresses of a peer's name while the loop goes on.
 *
 * The look-up asks the system's own resolver (hosts, DNS and whatever else the machine uses), which blocks, and so
 * runs on a thread of its own. Numeric addresses need neither. The result is not kept: each new connection looks the
 * name up again, as its addresses may change; if a name has several addresses, each attempt takes the next. A thread
 * that still waits when the resolver is freed ends by itself (aside.h). */
#pragma once

#include "runtime/adapter/address.h"

struct event_base;
struct resolver;

/* The result of a look-up. Called from the loop, never from within resolver_begin(); `address` NULL: none was found,
 * with the reason in `why`. The callee may begin the next look-up, and may free the resolver. */
typedef void resolver_done(void *self, const struct address *, const char *why);

struct resolver *resolver_new(struct event_base *, resolver_done *, void *self);
void resolver_free(struct resolver *);
/* Looks up "host:port" for the next attempt. While one look-up runs, no other is begun. */
void resolver_begin(struct resolver *, const char *text);
