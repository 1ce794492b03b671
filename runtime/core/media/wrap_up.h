/* runtime/core/media/wrap_up.h - What an agent says of a call that is over for them: a code and a note.
 *
 * The core decides nothing by it: history and records have it, by the call's ConnID and, while the core knows the
 * interaction still, by that. A desk that was killed may say the same again: the last one counts. The agent is
 * one whom the core knows, and need not be logged in any more. */
#pragma once

struct core;
struct message;

void wrap_up_on(struct core *, const struct message *); /* RequestWrapUp */
