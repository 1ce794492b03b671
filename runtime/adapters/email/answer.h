/* runtime/adapters/email/answer.h - An agent's answer that the core does not know, as its state was lost or put back:
 * it is submitted again from what the contact store has of it, or shown as not sent.
 *
 * It goes out once all the same: what is sent of it bears a Message-ID that is made of its external id and its content,
 * and what a mail server has taken is noted in the store under that. */
#pragma once

#include <glib.h>

#include "runtime/adapters/email/keep.h"
#include "runtime/post/way.h"
#include "runtime/vocabulary/message.h"

struct email_answer {
    uint64_t parent; /* the core's interaction that it answers; 0: none is known */
    char *from, *subject;
    char **to;
    struct post_blob body;
};

/* The store's own part of it; sets the queue, `own` of the item. NULL with `error` empty: that is not all that the
 * agent has said (it was written by an earlier version), or it was written anew, and nobody knows which of its versions
 * the core had. Blocks. */
struct email_answer *email_answer_read(struct store *, struct post_item *, struct error *error);
void email_answer_free(struct email_answer *); /* NULL is allowed */
/* The addresses that get a copy of the answer with this external id, NULL at the end; an unknown answer has none. Freed
 * by g_strfreev(). Blocks. */
bool email_answer_copies(struct store *, const char *external_id, char ***copies, struct error *error);
/* What the core is told of it behind the parent, as the desk has written it. */
void email_answer_submit(const struct email_answer *, const struct post_item *, struct writer *);
