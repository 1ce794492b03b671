/* runtime/adapter/outbox.h - Events that a plugin posts in their order, although the link may refuse them for a time.
 *
 * An event that the link refuses is kept, and so is each one behind it, until outbox_flush() can post them: an event
 * that overtook another would tell the core of an end before its beginning. The outbox owns copies of what it keeps. */
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
    uint64_t posted; /* events that the link has taken, as gcx_adapter.committed() counts them */
};

void outbox_init(struct outbox *, struct gcx_link *, const struct gcx_services *);
void outbox_post(struct outbox *, struct span frame);
/* At once, past what is kept; false: the link refuses it, and it is not kept. */
bool outbox_now(struct outbox *, struct span frame);
void outbox_flush(struct outbox *); /* on credit, and now and then */
unsigned outbox_length(struct outbox *);
void outbox_free(struct outbox *); /* what it keeps */

/* Begins an event about an effect: with its interaction and its ref. */
void adapter_answer_begin(struct writer *, const struct message *effect, unsigned kind);
/* Writes EventDone of an effect that the plugin does not know, or did not do. */
void adapter_answer_done(struct writer *, const struct message *effect, unsigned outcome, unsigned code);
/* Answers an effect that is none of the plugin's, which has nothing that the core does not have. */
void adapter_answer_other(struct gcx_link *, const struct gcx_services *, struct writer *,
                          const struct message *effect);
