/* runtime/adapters/sip/fork.h - A second answer to one INVITE: a trunk that asks several telephones at once may bring
 * the 200 of more than one of them (RFC 3261, section 13.2.2.4).
 *
 * The call follows the first one. Each further one is acknowledged here and ended by BYE, so that nobody holds a dead
 * telephone. */
#pragma once

struct sip_msg;

void fork_ends(void *exchange, const struct sip_msg *answer);
