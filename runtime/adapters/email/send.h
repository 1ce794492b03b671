/* runtime/adapters/email/send.h - The senders, which hand mails of the post office to a mail server.
 *
 * A mail is known by its interaction, its msg_id and its content. Once the mail server has taken it the contact store
 * says so, and a repetition is answered and not sent; where nobody knows whether it has, it is sent again under the
 * same Message-ID. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct watched_files;
struct email;
struct event_base;
struct post_sending;
struct send;

struct send *send_new(struct email *, struct event_base *, char *why, size_t why_size);
void send_watched(struct send *, struct watched_files *); /* its password is read again */
void send_free(struct send *); /* before the office; what a mail server has not answered is not waited for */

/* Operations of the way (runtime/post/way.h). */
uint64_t send_room(void *email, uint64_t *where);
bool send_busy(const void *email, const char *customer);
bool send_one(void *email, const struct post_sending *, unsigned n, uint64_t where, void *piece);
