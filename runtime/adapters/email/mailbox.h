/* runtime/adapters/email/mailbox.h - A folder of an IMAP server: its new mails listed, fetched, and marked.
 *
 * Connection, TLS and login are libcurl's, the dialogue behind them is imap.h's. All of it blocks, and is for a thread.
 * A call that fails says why in a sentence; the mailbox is then of no further use, and is opened again. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/adapters/email/imap.h"
#include "base/error.h"

struct mailbox;
struct token;

struct mailbox_setting {
    const char *url; /* imap://host:port or imaps://host:port */
    const char *user, *password, *ca, *folder;
    struct token *token; /* where there is no password */
    bool insecure;       /* without TLS */
    size_t mail_max;
    const int *ends; /* atomic: what is under way is given up */
};

/* Connects, logs in, selects the folder. */
struct mailbox *mailbox_open(const struct mailbox_setting *, struct error *);
void mailbox_close(struct mailbox *);
/* While this number is the same, a UID is the same mail. */
uint32_t mailbox_validity(const struct mailbox *);
/* May keywords be given to mails? */
bool mailbox_has_keywords(const struct mailbox *);

/* The oldest ones that are not seen: what FETCH says of them. -1: it failed. */
int mailbox_unseen(struct mailbox *, struct imap_mail *, int max, struct error *);
/* `*bytes` NULL: the mail is gone, or too large. They are malloc'ed. */
bool mailbox_fetch(struct mailbox *, uint32_t uid, char **bytes, size_t *length, struct error *);
/* `how`: "+FLAGS.SILENT (\\Seen)". */
bool mailbox_store(struct mailbox *, const uint32_t *uids, int count, const char *how, struct error *);
/* To another folder; where the server cannot move, they are copied. */
bool mailbox_move(struct mailbox *, const uint32_t *uids, int count, const char *folder, struct error *);
