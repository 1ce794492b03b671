/* runtime/vocabulary/media.h - How people answer a medium, as the column `answered` of media.def says, and whether its
 * addresses are verified. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"
#include "runtime/vocabulary/kv.h"

/* Messages go to and fro, with the customer there or not: a session, which has a connection id in the core. */
bool media_is_conversation(enum media);
/* So, by a mail, or another way: people at desks have it. */
bool media_is_answered(enum media);

/* The names of those for which agents are at desks. NULL at the end. */
extern const char *const media_of_desks[];
bool media_at_desks(enum media);
/* The names of those that applications submit. NULL at the end. */
extern const char *const media_of_work[];
/* The number by which a site declares the medium; 0: it is none of a site's own. */
unsigned media_own_number(uint64_t medium);
enum media media_own_numbered(uint64_t number);       /* media_none: there is none with that number */
bool media_are(const char *const *names, enum media); /* is it one of these? */
/* The customer's address is only what somebody typed, and nobody has verified it: it may be another person's. An agent
 * is not shown that person's contact by it. */
bool media_types_address(enum media);
bool media_named_types_address(struct span name);
