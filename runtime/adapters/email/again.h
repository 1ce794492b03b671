/* runtime/adapters/email/again.h - The two differences between the contact store and the core: interactions that only
 * one of them has.
 *
 * A core whose state was lost, or put back from a backup, does not know the mails that came after it; nor does it know
 * that those were ended which it still has. At each start of the link the mails that are open in the store, and not
 * known to be of this core's journal, are taken again under their external id, from the bytes that were kept: those
 * that the core has are only noted. A core that was put back names what lives there (Restore); what the store has as
 * ended is ended there, so that no customer is answered twice. */
#ifndef EMAIL_AGAIN_H
#define EMAIL_AGAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct again;
struct email;
struct event_base;
struct message;

struct again *again_new(struct email *, struct event_base *, char *why, size_t why_size);
void again_free(struct again *);
void again_core_up(struct again *, bool up);
void again_lives(struct again *, const struct message *restore); /* Restore, of a mail */
void again_astray(struct again *, int64_t interaction);          /* a mail of the store that the core does not know */
void again_tick(struct again *);                                 /* each second */

#endif
