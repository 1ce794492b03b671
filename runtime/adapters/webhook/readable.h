/* runtime/adapters/webhook/readable.h - Repairs the JSON of a network's requests: a text that one customer's program
 * has cut in the middle of a character must not affect the other messages of the request. */
#pragma once

#include <glib.h>

/* Returns a copy that parsers accept: invalid UTF-8, halves of surrogate pairs, zeros and other control characters
 * in texts become U+FFFD or blanks; numbers too long to be read become texts; a byte order mark is left out. A
 * document that is otherwise no JSON stays so. */
GString *readable_json(const char *body, size_t length);
