/* runtime/core/media/wrap_up.h - What an agent says of a contact that is over for them: a code and a note.
 *
 * The core decides nothing by it: history and records have it. A call is named by its ConnID, `call`, and, while the
 * core knows the interaction still, by that, too. An interaction that is no call is named by the envelope's `ixn`. A
 * desk that was killed may say the same again: the last one counts. The agent is one whom the core knows, and need not
 * be logged in any more. */
#pragma once

struct core;
struct message;

void wrap_up_on(struct core *, const struct message *); /* RequestWrapUp */
