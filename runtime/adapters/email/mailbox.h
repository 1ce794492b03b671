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
    struct token *token; /* gives the access token for the log-in where `password` is none */
    bool insecure;       /* may connect without TLS */
    size_t mail_max;
    const int *ends; /* atomic; not 0: the process ends, and a dialogue under way is given up */
};

/* Connects, logs in, and selects the folder. NULL with the reason. */
struct mailbox *mailbox_open(const struct mailbox_setting *, struct error *);
void mailbox_close(struct mailbox *);
/* The folder's UIDVALIDITY: as long as it stays the same, a UID names the same mail. */
uint32_t mailbox_validity(const struct mailbox *);
/* May we give keywords to mails of this folder? */
bool mailbox_has_keywords(const struct mailbox *);

/* Lists the oldest mails that are not marked as seen, with what FETCH says of each; returns how many, -1: it failed. */
int mailbox_unseen(struct mailbox *, struct imap_mail *, int max, struct error *);
/* Fetches the mail with this UID; its bytes are malloc'ed. `*bytes` NULL: the mail is gone, or too large. */
bool mailbox_fetch(struct mailbox *, uint32_t uid, char **bytes, size_t *length, struct error *);
/* Changes the flags of mails; `how` is the item of the command STORE, such as "+FLAGS.SILENT (\\Seen)". */
bool mailbox_store(struct mailbox *, const uint32_t *uids, int count, const char *how, struct error *);
/* Moves mails to another folder; where the server cannot move, it copies them. */
bool mailbox_move(struct mailbox *, const uint32_t *uids, int count, const char *folder, struct error *);
