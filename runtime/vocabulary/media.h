/* runtime/vocabulary/media.h - How people answer a medium, as the column `answered` of media.def says, and whether its
 * addresses are verified. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"
#include "runtime/vocabulary/kv.h"

/* Is the medium a conversation, in which messages go to and fro, with the customer online or not? Its sessions have a
 * connection id in the core. */
bool media_is_conversation(enum media);
bool media_is_mail(enum media); /* is it answered by another mail, and not within a session? */
/* Do people at desks answer the medium: in a conversation, by mail or in another way? */
bool media_is_answered(enum media);

/* The names of the media that agents at desks answer. NULL at the end. */
extern const char *const media_of_desks[];
bool media_at_desks(enum media);
/* The names of the media whose interactions applications submit. NULL at the end. */
extern const char *const media_of_work[];
/* Returns the number by which a site declares its own medium; 0: the medium is none of a site's own. */
unsigned media_own_number(uint64_t medium);
enum media media_own_numbered(uint64_t number);       /* media_none: there is none with that number */
bool media_are(const char *const *names, enum media); /* is the medium one of these? */
/* Is the customer's address in that medium typed by somebody and verified by nobody? It may be another person's, so no
 * contact is shown to an agent by it. */
bool media_types_address(enum media);
bool media_named_types_address(struct span name);
