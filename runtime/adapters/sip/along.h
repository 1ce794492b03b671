/* runtime/adapters/sip/along.h - Telephones that ring together for one call, where the core has routed it to several.
 *
 *     called, along, along     each has its own INVITE; the first of them that rings means that the route is used
 *     one answers              it is `called`; the others get CANCEL, or ACK and BYE if they answer at this moment
 *     one refuses, is busy     the others ring on; the last one's end is that of the route
 *     pulled back              all end, and the call is at its routing point again
 *
 * talk->together is the destination that the route names, and is empty once somebody has answered: only then does the
 * caller hear anybody. A leg that rings along is in the list talk->along, and in no other. */
#pragma once

#include <stdbool.h>

#include "runtime/adapters/cti/cti.h"
#include "runtime/vocabulary/vocabulary.h"

struct leg;
struct talk;

/* Adds a leg to those that are called for the talk; if the talk has no called leg yet, this leg becomes it. */
void along_add(struct talk *, struct leg *);
/* True: the leg is one of several that ring. */
bool along_is(const struct talk *, const struct leg *);
/* True: the leg is one of several, and another one is left. */
bool along_has_others(const struct talk *, const struct leg *);
/* Returns where the talk has the leg, `called` or a place in the list; NULL: it is none of them. */
struct leg **along_place(struct talk *, const struct leg *);
/* True: the call model was told that the route to several telephones is used, because one of them has rung. */
bool along_rings(const struct talk *);
/* Called when the route is used: tells the call model of those telephones that cannot ring, or have refused before. */
void along_tells_silent(const struct talk *);
/* Frees a leg that is over; the others ring on. The call model is told of the leg's end: at once if the route is used
 * already, else when the route is used. */
void along_drops(struct talk *, struct leg *, enum cause);
/* Called when the leg is answered: it becomes the called leg, and all others end. */
void along_answered(struct talk *, struct leg *);
/* Ends all legs that ring along; `tells`: the call model is told, with that cause and where the call is now. */
void along_end(struct talk *, bool tells, const char *to, enum cause);
