/* runtime/adapters/email/keep.h - Mails in the contact store: what came, before the core is told; what is sent, before
 * it goes out. All of it blocks, and is for threads that have a store of their own. */
#pragma once

#include <glib.h>

#include "runtime/adapters/email/mime.h"
#include "runtime/post/body.h"
#include "base/error.h"

struct store;
struct store_shown;
struct writer;

enum { KEPT_TEXT_MAX = 257 };

/* The core's number of the interaction that this row of the store is; 0: none. */
uint64_t kept_ixn(const struct store_shown *);

enum { KEPT_ID_MAX = 72, KEPT_ODD_MAX = 400 };

struct kept_mail {
    int64_t interaction; /* the store's */
    uint64_t parent;     /* the core's number of the interaction that the mail answers; 0: none is known */
    struct post_body body;
    char external_id[KEPT_ID_MAX]; /* the id that it was kept under, as another mail has its own; empty: its own */
    char odd[KEPT_ODD_MAX];        /* sentence for the log, where `external_id` is not empty */
};

/* Keeps the mail and its raw bytes, once: one with the same external id, head, text and parts is left as it is.
 * Other mails with that id (a sender who gives the same Message-ID to all, one of ours that comes back) are kept under
 * an id of their own. `journal`: of the core, as in store_submitted(). */
bool keep_mail(struct store *, const struct mail *, const char *raw, size_t length, uint64_t journal, int64_t now,
               struct kept_mail *, struct error *);

/* Fills in the struct from the row of a mail that the store has already. */
bool kept_again(struct store *, int64_t interaction, uint64_t journal, struct kept_mail *, struct error *);
/* The mail as it came; the bytes are malloc'ed. ERROR_UNKNOWN: the store has them no more. */
bool kept_raw(struct store *, int64_t interaction, char **bytes, size_t *length, struct error *);

/* Appends to `parts`, an array of struct composed_part, all that goes out with a text that is a part of the store: the
 * HTML, pictures and files of the same message. ERROR_LIMIT: they are more than `max` bytes. */
bool keep_parts_beside(struct store *, int64_t part, size_t max, GArray *parts, struct error *);
void keep_parts_free(GArray *parts);
/* The beginning of the mail that came with this external id, as it came. Empty: there is none. */
bool keep_raw_head(struct store *, const char *external_id, GString *head, struct error *);
/* Appends the whole mail that came with this external id. ERROR_LIMIT: it is more than `max` bytes; ERROR_UNKNOWN: the
 * store does not have it. */
bool keep_whole(struct store *, const char *external_id, size_t max, GString *raw, struct error *);
/* The external id of the mail that the one with this external id answers; NULL: none is known. Freed by g_free(). */
bool keep_answered(struct store *, const char *external_id, char **answered, struct error *);

/* Did a machine write the mail that came with this external id? */
bool keep_is_robot(struct store *, const char *external_id, bool *robot, struct error *);

struct kept_sent {       /* a mail of ours */
    int64_t interaction; /* the store's number of it; 0: the store does not have it */
    int64_t n;           /* number of its message that says what became of the mail; 0: there is none */
    uint64_t ixn;        /* the core's number of it; 0: it does not belong to this core's journal */
    char msg_id[KEPT_TEXT_MAX];
    bool whole;    /* the interaction is this mail; false: it is an agent's answer, and the mail is a message of it */
    bool accepted; /* the mail server has taken it */
    bool before;   /* the only row is one with the same words, of a journal that the core has lost */
};

/* The standard response of that name, filled in for who wrote the mail with the external id `about`; where that is
 * NULL, for the contact whose address is `to`, or nobody. Texts are malloc'ed; the subject may be empty. ERROR_UNKNOWN:
 * there is none. */
bool keep_template(struct store *, const char *name, const char *about, const char *to, char **subject, char **text,
                   struct error *);

struct email_outgoing {
    uint64_t journal, ixn;
    const char *msg_id, *message_id; /* the core's id of the message; the mail's Message-ID without < and > */
    const char *from, *to, *subject, *text;
    const char *reply_to; /* external id of the mail that this one answers; empty: it answers none */
    const char *release;  /* external id of the agent's text that goes out as this mail; empty: none */
    bool by_agent;        /* an agent wrote it; false: a machine did */
};

/* Keeps a mail that is to be sent, once, and fills in `sent` with what the store knows of it. An agent's text and the
 * mail that carries it are one interaction. `message_id`: the Message-ID that a core, whose state was lost, had sent
 * the mail under: it goes out under that one again; NULL: under its own. Freed by g_free(). */
bool keep_outgoing(struct store *, const struct email_outgoing *, int64_t now, struct kept_sent *sent,
                   char **message_id, struct error *);
/* Notes what became of the mail: `result` is "accepted", "failed", or another word, which means that it is still on its
 * way; `words` are the mail server's. */
bool keep_told(struct store *, const struct kept_sent *, const char *to, const char *result, const char *words,
               int64_t now, struct error *);
/* Shows a mail that an agent has written as not sent, as a core that lost its state does not know it; once per
 * journal. */
bool keep_lost(struct store *, int64_t interaction, uint64_t journal, int64_t now, struct error *);
/* A customer's mail that is about to be taken again: has an agent answered it? Then the answer went out, or is taken
 * again itself, and only the note that the mail is dealt with was lost. */
bool keep_is_answered(struct store *, int64_t interaction, bool *answered, struct error *);
/* Finds the mail of ours with this Message-ID. */
bool keep_find_sent(struct store *, uint64_t journal, const char *message_id, struct kept_sent *, struct error *);
