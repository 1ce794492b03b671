/* runtime/studio/language.h - The language server of one person's editor: gcxc lsp as a child, spoken to in whole
 * messages.
 *
 *     page --- a text per message ---> language_heard() --- Content-Length ---> gcxc lsp
 *          <----------- say() -------------------------------------------------
 *
 * It lives in the loop's thread, and owns the folder with the person's draft, in which gcxc works. A message may name
 * no file outside of that folder. */
#pragma once

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct language;

struct language_calls {
    void *self;
    void (*say)(void *self, uint64_t ticket, const char *text); /* tells the page */
    /* The server has ended, or the page has said what it may not: the page's connection is to end. language_free() is
     * called by the owner, not within this call. */
    void (*over)(void *self, uint64_t ticket);
};

/* Starts gcxc lsp in the folder, which is removed at the end, whatever becomes of it. The page is told {"root": URI}.
 * NULL with the reason. */
struct language *language_new(struct event_base *, const struct language_calls *, uint64_t ticket, char *folder,
                              struct error *);
void language_free(struct language *); /* NULL is allowed */
void language_heard(struct language *, const char *text, size_t length);
/* Does every text of the message that names a file name one below `root`? */
bool language_stays(const char *root, const char *text, size_t length);
