/* runtime/adapters/email/answer.h - An agent's answer that the core does not know, as its state was lost or restored
 * from a backup: it is submitted again from the contact store, or shown as not sent.
 *
 * The answer is still sent only once: the mail has a Message-ID made from its external id and its content, and the
 * store notes under that id what a mail server has accepted. */
#pragma once

#include <glib.h>

#include "runtime/adapters/email/keep.h"
#include "runtime/post/way.h"
#include "runtime/vocabulary/message.h"

struct email_answer {
    uint64_t parent; /* the core's number of the interaction that this answer answers; 0: none is known */
    char *from, *subject;
    char **to;
    int64_t begins; /* when it goes, in microseconds since 1970; 0: at once */
    struct post_blob body;
};

/* Reads the agent's answer that this item names from the store, and sets the item's `own` to its queue. NULL with
 * `error` empty: the store does not have the whole answer (an earlier version wrote the row), or the agent wrote a
 * new version, and nobody knows which version the core had. Blocks. */
struct email_answer *email_answer_read(struct store *, struct post_item *, struct error *error);
void email_answer_free(struct email_answer *); /* NULL is allowed */
/* The recipients of an agent's mail, as the desk has kept them; lists are ended by NULL. */
struct email_envelope {
    char **to;        /* all recipients */
    char **cc, **bcc; /* those of them who are shown as Cc, and who are not shown */
    char **names;     /* an address and the name of its owner, by turns */
    bool receipt;     /* the recipients are asked for a receipt when they have read it */
};
/* Reads the envelope of the answer with this external id; an unknown answer has an empty one. The lists are freed by
 * email_envelope_clear(). Blocks. */
bool email_envelope_read(struct store *, const char *external_id, struct email_envelope *, struct error *error);
void email_envelope_clear(struct email_envelope *);
/* Writes the fields of Submit after the parent, with the values that the desk wrote when the agent answered. */
void email_answer_submit(const struct email_answer *, const struct post_item *, struct writer *);
