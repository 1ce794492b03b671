/* runtime/adapters/desk/editors.c - The language servers of those who write strategies. See editors.h. */
#include "runtime/adapters/desk/editors.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "runtime/studio/check.h"
#include "runtime/studio/language.h"
#include "runtime/vocabulary/bytes.h"

enum { EDITORS_MAX = 50, OF_ONE_MAX = 3, GONE_SERVER = 1013 /* try again later */ };

struct desk_editor { /* a page with an open file */
    uint64_t ticket;
    const struct desk_session *session;
    char name[NAME_SIZE];
    struct language *language; /* NULL: its folder is being written, or it is over */
};

void editors_free(gpointer data)
{
    struct desk_editor *one = data;
    language_free(one->language);
    free(one);
}

static void editors_say(void *self, uint64_t ticket, const char *text)
{
    door_say(((struct desk *)self)->door, ticket, text);
}

/* Called within the language server: the connection's end comes back by editors_gone(). */
static void editors_over(void *self, uint64_t ticket)
{
    door_end(((struct desk *)self)->door, ticket, GONE_SERVER, "the language server has ended");
}

void editors_begins(struct desk *desk, uint64_t ticket, char *folder, struct event_base *base)
{
    struct language_calls calls = {desk, editors_say, editors_over};
    struct desk_editor *one = g_hash_table_lookup(desk->editors, &ticket);
    struct error error = {0};
    if (!one) {
        studio_folder_end(folder);
        return;
    }
    one->language = folder ? language_new(base, &calls, ticket, folder, &error) : NULL;
    if (one->language) return;
    if (*error.text) desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "strategies: %s", error.text);
    editors_over(desk, ticket);
}

static unsigned editors_of(const struct desk *desk, const char *name)
{
    GHashTableIter at;
    gpointer value;
    unsigned count = 0;
    g_hash_table_iter_init(&at, desk->editors);
    while (g_hash_table_iter_next(&at, NULL, &value)) count += strcmp(((struct desk_editor *)value)->name, name) == 0;
    return count;
}

bool editors_may(const struct desk *desk, const struct desk_session *session, struct evhttp_request *http)
{
    if (!desk_lets_design(desk, session->name))
        return api_error(http, 403, "role", "This is for those whom the desk's setting `designers` names.");
    if (editors_of(desk, session->name) >= OF_ONE_MAX || g_hash_table_size(desk->editors) >= EDITORS_MAX)
        return api_error(http, 503, "busy", "Too many files are open at once: close another window.");
    return true;
}

void editors_joins(struct desk *desk, const struct desk_session *session, uint64_t ticket)
{
    struct desk_editor *one = memory_zeroed(1, sizeof *one);
    one->ticket = ticket;
    one->session = session;
    text_set(one->name, sizeof one->name, session->name);
    g_hash_table_insert(desk->editors, &one->ticket, one);
}

bool editors_heard(struct desk *desk, uint64_t ticket, const char *text, size_t length)
{
    struct desk_editor *one = g_hash_table_lookup(desk->editors, &ticket);
    if (one && one->language) language_heard(one->language, text, length);
    return one != NULL;
}

void editors_gone(struct desk *desk, uint64_t ticket)
{
    g_hash_table_remove(desk->editors, &ticket);
}

void editors_session_over(struct desk *desk, const struct desk_session *session)
{
    GList *all = g_hash_table_get_values(desk->editors);
    for (GList *at = all; at; at = at->next) {
        uint64_t ticket = ((struct desk_editor *)at->data)->ticket;
        if (((struct desk_editor *)at->data)->session != session) continue;
        editors_gone(desk, ticket);
        door_end(desk->door, ticket, GONE_OVER, "the session has ended");
    }
    g_list_free(all);
}
