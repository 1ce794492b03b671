/* runtime/adapters/email/poll.h - Mails fetched from a mailbox by IMAP: a round fetches some, has each taken in
 * (email_take()), and then marks them in the mailbox, so that none is marked that is not kept.
 *
 * A round that is cut off between the two is done again: its mails are known by their external id. A mail that is
 * refused for ever, or has ended the process IMAP_TRIES_MAX times, is set aside, and told in the log. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct watched_files;
struct email;
struct event_base;
struct poll;

/* NULL with the reason. */
struct poll *poll_new(struct email *, struct event_base *, char *why, size_t why_size);
void poll_watched(struct poll *, struct watched_files *); /* its password is read again */
void poll_free(struct poll *);
void poll_tick(struct poll *); /* each second */
