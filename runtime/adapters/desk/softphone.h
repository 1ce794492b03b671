/* runtime/adapters/desk/softphone.h - The telephone inside the page: where the site wants one, its library and the
 * policy under which the page may connect to the edge. It owns both. The library, JsSIP, is the site's: gcx ships none.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct desk_setting;

struct softphone {
    char *library; /* a module of JavaScript; NULL: the page has no telephone */
    size_t library_length;
    char *policy; /* Content-Security-Policy of the page */
};

/* The rest of that policy is `policy`, which has a part connect-src 'self'. False with the reason. */
bool softphone_read(struct softphone *, const struct desk_setting *, const char *policy, char *why, size_t why_size);
void softphone_free(struct softphone *);
