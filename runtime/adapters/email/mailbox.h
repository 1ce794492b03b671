/* runtime/adapters/email/mailbox.h - A folder of an IMAP server: lists its new mails, fetches and marks them.
 *
 * libcurl makes connection, TLS and login; imap.h reads the dialogue after that. All functions block, and are for a
 * thread. A call that fails gives the reason as a sentence; the mailbox cannot be used then, and is opened again. */
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
    struct token *token; /* gives the access token for the log-in if `password` is not set */
    bool insecure;       /* may connect without TLS */
    size_t mail_max;
    const int *ends; /* atomic; not 0: the process ends, and a running dialogue is given up */
};

/* Connects, logs in, and selects the folder. NULL with the reason. */
struct mailbox *mailbox_open(const struct mailbox_setting *, struct error *);
void mailbox_close(struct mailbox *);
/* The folder's UIDVALIDITY: as long as it stays the same, a UID names the same mail. */
uint32_t mailbox_validity(const struct mailbox *);
/* May new keywords be set for mails of this folder? */
bool mailbox_has_keywords(const struct mailbox *);

/* Lists the oldest mails that are not marked as seen, with what FETCH says of each; returns their number, -1: it
 * failed. */
int mailbox_unseen(struct mailbox *, struct imap_mail *, int max, struct error *);
/* Fetches the mail with this UID; its bytes are malloc'ed. `*bytes` NULL: the mail is gone, or too large. */
bool mailbox_fetch(struct mailbox *, uint32_t uid, char **bytes, size_t *length, struct error *);
/* Changes the flags of mails; `how` is the argument of the command STORE, such as "+FLAGS.SILENT (\\Seen)". */
bool mailbox_store(struct mailbox *, const uint32_t *uids, int count, const char *how, struct error *);
/* Moves mails to another folder; if the server has no command for that, by copying and removing them. */
bool mailbox_move(struct mailbox *, const uint32_t *uids, int count, const char *folder, struct error *);
