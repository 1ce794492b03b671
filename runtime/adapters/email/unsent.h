/* runtime/adapters/email/unsent.h - E-mails of ours that are open in the contact store and unknown to the core: its
 * state was lost or put back. An agent's answer is submitted again from what the store has of it (answer.h), or is
 * shown there as not sent; a mail that a machine wrote lives as long as the interaction for which it was written. */
#ifndef EMAIL_UNSENT_H
#define EMAIL_UNSENT_H

#include "runtime/post/unended.h"

/* As the operations of a way (runtime/post/way.h). */
bool unsent_ask(void *email, const struct unended_row *, struct writer *, const char **result);
const char *unsent_became(void *email, const struct unended_row *, struct span answer);
void unsent_replied(void *email, const struct message *reply);

#endif
