/* runtime/adapters/email/send.h - Mails on their way out: SendMessage, kept, submitted to a mail server, told.
 *
 *     NOT_YET --+-- the mail server takes it ------------ ACCEPTED: noted in the store, then told
 *        ^      +-- it refuses for ever, or time is over - FAILED
 *        |      '-- a machine would answer a machine ---- SUPPRESSED
 *        '--------- it is away, or says later: again after a pause that doubles
 *
 * A message is known by its interaction and msg_id. Once the mail server has taken it the contact store says so, and a
 * repetition is answered and not sent; where nobody knows whether it has, it is sent again under the same Message-ID.
 */
#ifndef EMAIL_SEND_H
#define EMAIL_SEND_H

#include <stdbool.h>
#include <stddef.h>

struct email;
struct event_base;
struct message;
struct send;

struct send *send_new(struct email *, struct event_base *, char *why, size_t why_size);
void send_last(struct send *); /* the process ends: no mail begins, and the answer to one under way is heard */
void send_free(struct send *);
void send_message(struct send *, const struct message *effect); /* SendMessage */
void send_cancel(struct send *, const struct message *effect);  /* Cancel */
/* The core is there. A mail that the core of another journal has asked for is called off, unless it is asked for
 * again. */
void send_core_up(struct send *);
void send_tick(struct send *); /* each second */

#endif
