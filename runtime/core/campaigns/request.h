/* runtime/core/campaigns/request.h - What agents ask and say about records (RequestRecord).
 *
 * An agent speaks of a record whose call the agent has, or had last and has not processed (held.h), or about which the
 * agent is asked before it is dialled (push preview). Each request is
 * answered by a Reply in its own batch, so that what is acknowledged is in the journal. */
#ifndef CORE_CAMPAIGNS_REQUEST_H
#define CORE_CAMPAIGNS_REQUEST_H

#include "runtime/vocabulary/message.h"

struct core;

void request_on_record(struct core *, const struct message *); /* RequestRecord */

#endif
