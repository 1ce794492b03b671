/* base/head.h - Checks the head of an HTTP request before any library reads it: may two readers differ about where
 * the request ends, or for which host it is?
 *
 * A proxy before us and the library behind us read the same bytes. If they read them differently, a part of one
 * client's request becomes another client's request. So the rules are those of RFC 9112 without its leniencies. */
#pragma once

#include <stddef.h>

/* Returns how many bytes the head has, its empty line included; 0: its end has not come yet. */
size_t head_length(const char *bytes, size_t length);

/* Returns the sentence that says why a whole head is refused; NULL: the head is good. */
const char *head_wrong(const char *head, size_t length);
/* Returns why a head whose end has not come yet can never become a good one; NULL: it still can. */
const char *head_wrong_so_far(const char *head, size_t length);
