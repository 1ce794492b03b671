/* runtime/vocabulary/media.h - How people answer a medium, by the column `answered` of media.def, and whether its
 * addresses are verified. */
#pragma once

#include <stdbool.h>

#include "runtime/vocabulary/vocabulary.h"
#include "runtime/vocabulary/kv.h"

/* True: the medium is a conversation, in which messages are exchanged, whether or not the customer is online. The
 * sessions of a conversation have a connection id in the core. */
bool media_is_conversation(enum media);
bool media_is_mail(enum media); /* true: the medium is answered by another mail, and not within a session */
/* True: people at desks answer the medium: in a conversation, by mail or in another form. */
bool media_is_answered(enum media);

/* Submit_subtype of an agent's mail that forwards another mail to somebody else: such a mail is not a reply. */
#define SUBTYPE_FORWARD "forward"
/* Subtype of a Submit by which an agent makes a second mail of a part of the one in `parent`, as its customer wrote it.
 */
#define SUBTYPE_SPLIT "split"
/* The user data of a Submit that has what the customer wrote: all of a short message or post, of a mail only if it is a
 * short reply, without what is quoted. */
#define SUBMITTED_TEXT "message"
/* A code for the customer of a chat: the place for its digits in a text; the header of SendMessage that names the chat
 * in the contact store; the user data that counts other codes which the customer has typed, and its most. */
#define VERIFY_DIGITS  "######"
#define VERIFY_CODE_OF "code_of"
#define VERIFY_WRONG   "code_wrong"
enum { VERIFY_TRIES_MAX = 5 };

/* The names of the media that agents at desks answer. NULL at the end. */
extern const char *const media_of_desks[];
bool media_at_desks(enum media);
/* The names of the media whose interactions applications submit. NULL at the end. */
extern const char *const media_of_work[];
/* Returns the number with which a site declares this medium; 0: it is not one of a site's own. */
unsigned media_own_number(uint64_t medium);
enum media media_own_numbered(uint64_t number);       /* media_none: there is no medium with that number */
bool media_are(const char *const *names, enum media); /* true: the medium is in the list */
/* True: the customer's address in that medium was typed by somebody and verified by nobody. The address may be another
 * person's, so no contact is shown to an agent because of it. */
bool media_types_address(enum media);
bool media_named_types_address(struct span name);
