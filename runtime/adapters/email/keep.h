/* runtime/adapters/email/keep.h - Mails in the contact store: those that came, before the core is told; those to be
 * sent, before they are sent. All functions block, and are for threads that have a store of their own. */
#pragma once

#include <glib.h>

#include "runtime/adapters/email/mime.h"
#include "runtime/post/body.h"
#include "base/error.h"

struct store;
struct store_shown;
struct writer;

enum { KEPT_TEXT_MAX = 257 };

/* Returns the core's number of this row's interaction; 0: none. */
uint64_t kept_ixn(const struct store_shown *);

enum { KEPT_ID_MAX = 72, KEPT_ODD_MAX = 400 };

struct kept_mail {
    int64_t interaction; /* the store's */
    uint64_t parent;     /* the core's number of the interaction that the mail answers; 0: none is known */
    struct post_body body;
    /* the id under which the mail was kept, if another mail has its own id; empty: its own id */
    char external_id[KEPT_ID_MAX];
    char odd[KEPT_ODD_MAX]; /* a sentence for the log, if `external_id` is not empty */
};

/* Keeps the mail and its raw bytes once: if the store has it already, with the same external id, head, text and
 * parts, nothing changes. A different mail with that id (some senders use the same Message-ID for all; a sent mail
 * may come back) gets an id of its own. `journal`: the core's, as in store_submitted(). */
bool keep_mail(struct store *, const struct mail *, const char *raw, size_t length, uint64_t journal, int64_t now,
               struct kept_mail *, struct error *);

/* Fills in the struct from the row of a mail that the store has already. */
bool kept_again(struct store *, int64_t interaction, uint64_t journal, struct kept_mail *, struct error *);
/* Reads the mail as it came; the bytes are malloc'ed. ERROR_UNKNOWN: the store does not have them any more. */
bool kept_raw(struct store *, int64_t interaction, char **bytes, size_t *length, struct error *);

/* Appends to `parts`, an array of struct composed_part, all that is sent with a text of the store: the HTML,
 * pictures and files of the same message. ERROR_LIMIT: they have more than `max` bytes. */
bool keep_parts_beside(struct store *, int64_t part, size_t max, GArray *parts, struct error *);
void keep_parts_free(GArray *parts);
/* Reads the beginning of the mail that came with this external id. Empty: there is none. */
bool keep_raw_head(struct store *, const char *external_id, GString *head, struct error *);
/* Appends the whole mail that came with this external id. ERROR_LIMIT: it has more than `max` bytes; ERROR_UNKNOWN:
 * the store does not have it. */
bool keep_whole(struct store *, const char *external_id, size_t max, GString *raw, struct error *);
/* Finds the external id of the mail that the mail with this external id answers; NULL: none is known. Freed by
 * g_free(). */
bool keep_answered(struct store *, const char *external_id, char **answered, struct error *);

/* Did a machine write the mail that came with this external id? */
bool keep_is_robot(struct store *, const char *external_id, bool *robot, struct error *);

struct kept_sent {       /* a mail of ours */
    int64_t interaction; /* the store's number of the mail; 0: the store does not have it */
    int64_t n;           /* number of the message that notes what became of the mail; 0: there is none */
    int64_t written;     /* number of the message with the mail's text, the last version; 0: there is none */
    uint64_t ixn;        /* the core's number of the mail; 0: the number is of another journal */
    char msg_id[KEPT_TEXT_MAX];
    /* the interaction is this mail; false: it is an agent's answer, and the mail is one of its messages */
    bool whole;
    bool accepted; /* a mail server has accepted the mail */
    bool failed;   /* the text's mark says that the mail, or one of its copies, did not arrive */
    bool before;   /* the store has only a mail with the same words, from a journal that the core has lost */
};

/* Fills in the standard response of that name, for the sender of the mail with the external id `about`; NULL: for
 * the contact whose address is `to`, if there is one. Texts are malloc'ed; the subject may be empty. ERROR_UNKNOWN:
 * there is none. */
bool keep_template(struct store *, const char *name, const char *about, const char *to, char **subject, char **text,
                   struct error *);

struct email_outgoing {
    uint64_t journal, ixn;
    const char *msg_id, *message_id; /* the core's id of the message; the mail's Message-ID without < and > */
    const char *from, *to, *subject, *text;
    const char *reply_to; /* external id of the mail that this one answers; empty: none */
    const char *release;  /* external id of the agent's text that is sent as this mail; empty: none */
    bool by_agent;        /* an agent wrote the mail; false: a machine did */
};

/* Keeps a mail that is to be sent, once, and sets `sent` to what the store knows about it. An agent's text and the
 * mail that is made from it are one interaction. `message_id`: the Message-ID under which a core, whose state was
 * lost, had the mail sent: it is used again; NULL: the mail's own is used. Freed by g_free(). */
bool keep_outgoing(struct store *, const struct email_outgoing *, int64_t now, struct kept_sent *sent,
                   char **message_id, struct error *);
/* Notes what became of the mail: `result` is "accepted", "failed", or another word, which means that sending goes
 * on; `words` are the mail server's. */
bool keep_told(struct store *, const struct kept_sent *, const char *to, const char *result, const char *words,
               int64_t now, struct error *);
/* Notes that somebody has the mail `name` of ours before them, or has deleted it unread; once for each of them. */
bool keep_seen(struct store *, const struct kept_sent *, const char *name, const char *who, bool read, int64_t now,
               struct error *);
/* Shows an agent's mail as not sent, since a core that has lost its state does not know it; once for each journal. */
bool keep_lost(struct store *, int64_t interaction, uint64_t journal, int64_t now, struct error *);
/* Has an agent answered this customer's mail, which is about to be submitted again? If so, the answer was sent, or is
 * itself submitted again, and only the note that the mail is done was lost. */
bool keep_is_answered(struct store *, int64_t interaction, bool *answered, struct error *);
/* Finds the sent mail with this Message-ID. */
bool keep_find_sent(struct store *, uint64_t journal, const char *message_id, struct kept_sent *, struct error *);
