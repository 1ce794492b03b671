/* runtime/adapters/desk/editors.h - The language servers of those who write strategies: one for each page that has a
 * file open, at /console/language.
 *
 *     editors_may(), editors_joins()    the page's connection is there; a thread writes the person's draft to a folder
 *     editors_begins()                  gcxc lsp begins in it (runtime/studio/language.h), and the page is told so
 *     editors_heard(), editors_gone()
 *
 * What a page says before it was told is lost: a page waits for that. */
#pragma once

#include "runtime/adapters/desk/desk.h"

void editors_free(gpointer editor); /* a value of the desk's table */
/* May the session open one more? False: the browser was told why. */
bool editors_may(const struct desk *, const struct desk_session *, struct evhttp_request *);
void editors_joins(struct desk *, const struct desk_session *, uint64_t ticket);
/* Takes the folder; NULL: it could not be written, and the page's connection ends. */
void editors_begins(struct desk *, uint64_t ticket, char *folder, struct event_base *);
/* Returns whether it is such a page's connection. */
bool editors_heard(struct desk *, uint64_t ticket, const char *text, size_t length);
void editors_gone(struct desk *, uint64_t ticket);
void editors_session_over(struct desk *, const struct desk_session *);
