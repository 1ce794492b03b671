/* base/head.h - The head of an HTTP request, looked at before anybody else reads it: may two readers of
 * it differ about where the request ends, or for whom it is?
 *
 * A proxy before us and the library behind us read the same bytes. If they differ, somebody's request becomes part
 * of another's. So the rules are those of RFC 9112 without its leniencies. */
#pragma once

#include <stddef.h>

/* Bytes of the head from `bytes` on, its empty line included; 0: it is not whole yet. */
size_t head_length(const char *bytes, size_t length);

/* Why a whole head is refused, a sentence; NULL: it is good. */
const char *head_wrong(const char *head, size_t length);
/* Likewise of the beginning of a head: can it never become a good one? */
const char *head_wrong_so_far(const char *head, size_t length);
