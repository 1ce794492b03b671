/* runtime/adapters/desk/held.h - E-mails that are answered, and done once their answer cannot be taken back any more.
 *
 *     held_begin()   the answer lies in the workbin `later`, and pages keep the e-mail out of sight
 *     held_opens()   the answer is taken back: the e-mail is in its agent's hands as before
 *     held_tick()    the time for that is over: the desk does what `finish` said, in the agent's name
 *
 * The desk and no page does it. So it is done although the page is loaded again or dies. The rows are kept in the file
 * of the setting `state` (web/saved.h): it is done although the desk is killed.
 *
 * The router may take the e-mail from its agent before it is done: a supervisor logs the agent out, or the desk was
 * dead for long. The e-mail then goes to a queue although it is answered. The row waits for it: whichever agent of this
 * desk has the e-mail next holds it, and the desk does the same in that agent's name. So nobody answers it twice. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct desk;
struct desk_agent;
struct item;

void held_free(void *held);
/* The core has the answer `answer` to the agent's e-mail. `mail` is the message `send`, with `begins`: when the answer
 * goes, in microseconds since 1970. */
void held_begin(struct desk_agent *, uint64_t ixn, uint64_t answer, const json_t *mail);
/* The core shows the item: where it is held, pages are told so, and of the answer, the end of the time in which it can
 * be taken back, and what is done then. */
void held_shows(struct item *);
/* The core is asked for answers; false: it has refused. */
void held_asked_back(struct desk *, const json_t *ids, bool on);
void held_opens(const struct item *); /* an agent has the item: it may be their own answer */
/* The agent goes: what is held is done now. `media`: the agent logs out of it alone; NULL: of all. */
void held_leaves(struct desk_agent *, const char *media);
/* True: what the agent holds cannot be done now, as the core is away. The agent must not be forgotten yet. */
bool held_keeps(const struct desk_agent *);
void held_done(struct desk *, uint64_t ixn); /* the core has agreed to end the e-mail */
/* The core takes the item from its agent. */
void held_withdrawn(const struct item *, enum cause reason);
bool held_is(const struct desk *, uint64_t ixn); /* is it held? */
void held_core_up(struct desk *, bool up);
void held_all_shown(struct desk *); /* the core has shown all that agents have */
void held_tick(struct desk *);
/* Takes a row of the file. False: it is none. */
bool held_restore(struct desk *, const json_t *row);
