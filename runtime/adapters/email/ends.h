/* runtime/adapters/email/ends.h - The ends of e-mails in the contact store: one per interaction, whoever has ended it.
 *
 * The core tells each end (EventEnded), which is lost where the link is down or a process is killed. So at each start
 * of the link, and each ten minutes, the core is asked what has become of the e-mails that have no end in the store.
 * One that the core had and has forgotten has ended. Else its state was lost, or put back: a customer's e-mail is taken
 * again (again.h), and what an agent has written is submitted again, or shown as not sent (answer.h). */
#ifndef EMAIL_ENDS_H
#define EMAIL_ENDS_H

#include <stdbool.h>
#include <stddef.h>

struct email;
struct ends;
struct event_base;
struct message;

struct ends *ends_new(struct email *, struct event_base *, char *why, size_t why_size);
void ends_free(struct ends *);
void ends_told(struct ends *, const struct message *effect);     /* EventEnded */
void ends_answered(struct ends *, const struct message *read);   /* ReadReply */
void ends_submitted(struct ends *, const struct message *reply); /* Reply to a Submit */
void ends_core_up(struct ends *, bool up);
void ends_tick(struct ends *); /* each second */

#endif
