/* runtime/post/code.h - Codes for customers of chats, in messages of the core (contact.verify in gcx(7)): the core
 * names the chat, and the contact store makes the code and keeps its digest. So no code is in the journal. */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct message;
struct store;

/* Returns for which chat of the contact store the SendMessage wants a code; 0: for none. */
int64_t post_code_of(const struct message *);
/* In the thread: makes a code and returns the text with it, freed by g_free(). NULL with the reason: ERROR_INPUT, also
 * if the chat takes no code any more; or the store is away. */
char *post_code_text(struct store *, int64_t code_of, int64_t now, const char *text, struct error *);
