/* runtime/core/media/wrap_up.h - What an agent says of a contact that is over for them: a code and a note.
 *
 * No decision of the core depends on a wrap-up: the core passes it on to history and records. The field `call` of the
 * request names a call by its ConnID; the core adds the interaction, if it still knows which one that was. The
 * envelope's `ixn` names an interaction that is no call. A desk that was killed may send the same wrap-up again: the
 * last one counts. The core must know the agent, but the agent need not be logged in any more. */
#pragma once

struct core;
struct message;

void wrap_up_on(struct core *, const struct message *); /* RequestWrapUp */
