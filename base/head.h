/* base/head.h - The head of an HTTP request, looked at before anybody else reads it: may two readers of
 * it differ about where the request ends, or for whom it is?
 *
 * A proxy before us and the library behind us read the same bytes. If they differ, somebody's request becomes part
 * of another's. So the rules are those of RFC 9112 without its leniencies. */
#pragma once

#include <stddef.h>

/* Returns how many bytes the head has, its empty line included; 0: its end has not come yet. */
size_t head_length(const char *bytes, size_t length);

/* Returns the sentence that says why a whole head is refused; NULL: the head is good. */
const char *head_wrong(const char *head, size_t length);
/* The same for a head whose end has not come yet: returns why it can never become a good one, or NULL. */
const char *head_wrong_so_far(const char *head, size_t length);
