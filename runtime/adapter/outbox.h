/* runtime/adapter/outbox.h - Posts a plugin's events in their order, even if the link refuses them for a time.
 *
 * An event that the link refuses is kept, and so is each later event, until outbox_flush() can post them: an event
 * that overtook another would tell the core of an end before its beginning. The outbox owns copies of the events
 * that it keeps. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct gcx_link;
struct gcx_services;
struct message;
struct span;
struct writer;

struct outbox {
    struct gcx_link *link;
    const struct gcx_services *services;
    GQueue kept;     /* of GBytes */
    uint64_t posted; /* number of events that the link has accepted, as gcx_adapter.committed() counts them */
};

void outbox_init(struct outbox *, struct gcx_link *, const struct gcx_services *);
void outbox_post(struct outbox *, struct span frame);
/* Posts the event at once, before the events that are kept; false: the link refuses the event, and it is not kept. */
bool outbox_now(struct outbox *, struct span frame);
/* posts the events that are kept; called when credit comes back, and now and then */
void outbox_flush(struct outbox *);
unsigned outbox_length(struct outbox *);
void outbox_free(struct outbox *); /* what it keeps */

/* Begins an event that answers an effect: writes the effect's interaction and ref. */
void adapter_answer_begin(struct writer *, const struct message *effect, unsigned kind);
/* Writes EventDone for an effect that the plugin does not know, or did not perform. */
void adapter_answer_done(struct writer *, const struct message *effect, unsigned outcome, unsigned code);
/* Answers an effect that the plugin does not handle; a Resync is answered as by a plugin that has nothing to tell. */
void adapter_answer_other(struct gcx_link *, const struct gcx_services *, struct writer *,
                          const struct message *effect);
