/* runtime/adapter/outbox.h - Events that a plugin posts in their order, although the link may refuse them for a time.
 *
 * An event that the link refuses is kept, and so is each one behind it, until outbox_flush() can post them. */
#ifndef ADAPTER_OUTBOX_H
#define ADAPTER_OUTBOX_H

#include <glib.h>

struct gcx_link;
struct gcx_services;
struct span;

struct outbox {
    struct gcx_link *link;
    const struct gcx_services *services;
    GQueue kept; /* of GBytes */
};

void outbox_init(struct outbox *, struct gcx_link *, const struct gcx_services *);
void outbox_post(struct outbox *, struct span frame);
void outbox_flush(struct outbox *); /* on credit, and now and then */
unsigned outbox_length(struct outbox *);
void outbox_free(struct outbox *); /* what it keeps */

#endif
