/* compiler/base/frame_json.h - The JSON of one message. */
#pragma once

#include <jansson.h>
#include <stddef.h>

/* Reads the body of a message as a new JSON value; NULL where it is no JSON. A single half of a UTF-16 pair, which
 * an editor may send, is read as U+FFFD, which has the same length: otherwise a change would be lost and all later
 * places be wrong. */
json_t *frame_json(const char *body, size_t length);
