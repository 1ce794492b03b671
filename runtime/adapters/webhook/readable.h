/* runtime/adapters/webhook/readable.h - JSON of people's messages, made readable: what one customer's program has cut
 * in two costs nobody else's message in the same request. */
#pragma once

#include <glib.h>

/* A copy of the document that parsers accept: bytes that are no UTF-8, halves of surrogate pairs, zeros and other
 * control characters in texts become U+FFFD or blanks; numbers too long to be read become texts; a byte order mark is
 * left out. A document that is no JSON otherwise stays so. */
GString *readable_json(const char *body, size_t length);
