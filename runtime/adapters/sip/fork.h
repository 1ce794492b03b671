/* runtime/adapters/sip/fork.h - A second answer to one INVITE: a trunk that asks several telephones at once may bring
 * the 200 of more than one of them (RFC 3261, section 13.2.2.4).
 *
 * libre follows the first one. Each further one is acknowledged here and ended by BYE, so that nobody holds a dead
 * telephone. libre asks for the ACK of an answer that it has acknowledged before (--wrap=sipsess_ack_again); if it
 * knows none, the answer is such a further one. */
#ifndef SIP_FORK_H
#define SIP_FORK_H

struct exchange;

/* Answers that come from now on are this exchange's; NULL: nobody's. */
void forks_of(struct exchange *);

#endif
