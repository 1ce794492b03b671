/* runtime/adapters/sip/fork.h - A second answer to one INVITE: a trunk that asks several telephones at once may bring
 * the 200 of more than one of them (RFC 3261, section 13.2.2.4).
 *
 * The call is with the telephone that answered first. Each further answer is acknowledged here and ended by BYE, so
 * that no telephone stays in a call with nobody. */
#pragma once

struct sip_msg;

void fork_ends(void *exchange, const struct sip_msg *answer);
