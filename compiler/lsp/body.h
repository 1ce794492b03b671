/* compiler/lsp/body.h - The JSON of one message. */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* A new value; NULL where it is no JSON. A half of a pair of UTF-16, which an editor may send of a text that holds one,
 * is U+FFFD, as wide as it: otherwise a change would be lost, and all that follow would miss their places. */
json_t *lsp_body_read(const char *body, size_t length);
