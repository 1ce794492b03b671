/* runtime/adapters/desk/softphone.h - The telephone inside the page, if the site has one: its library, and the
 * policy that lets the page connect to the edge, the server for such telephones. It owns both. The site provides the
 * library, JsSIP: gcx contains none. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct desk_setting;

struct softphone {
    char *library; /* a JavaScript module; NULL: the page has no telephone */
    size_t library_length;
    char *policy; /* Content-Security-Policy of the page */
};

/* `policy`: the rest of the page's policy, with a part connect-src 'self'. False with the reason. */
bool softphone_read(struct softphone *, const struct desk_setting *, const char *policy, char *why, size_t why_size);
void softphone_free(struct softphone *);
