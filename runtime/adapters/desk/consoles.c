/* runtime/adapters/desk/consoles.c - The console's pages at the desk's door: who may look, and how gcxvm is asked for
 * them (runtime/console). A page is no agent: it has a session of its user, and a connection of its own. */
#include <errno.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/console/console.h"
#include "runtime/web/saved.h"

static void consoles_told(struct desk *desk, const json_t *answer)
{
    console_told(desk->console, answer);
}

static bool consoles_ask(void *self, json_t *request)
{
    return look_ask(self, request, consoles_told);
}

static void consoles_say(void *self, uint64_t ticket, const char *text)
{
    door_say(((struct desk *)self)->door, ticket, text);
}

static void consoles_mark(void *self, uint64_t ticket, uint32_t number)
{
    door_mark(((struct desk *)self)->door, ticket, number);
}

static void consoles_end(void *self, uint64_t ticket)
{
    door_end(((struct desk *)self)->door, ticket, GONE_OVER, "the session has ended");
}

/* In the file of the setting `state`; without it the day's course ends with the process. */
static void consoles_keep(void *self, const char *agent, json_t *row)
{
    struct desk *desk = self;
    char *id = g_strdup_printf("course %s", agent);
    if (row) json_object_set_new(row, "course_of", json_string(agent));
    bool kept = !desk->saved || (row ? saved_put(desk->saved, id, json_incref(row)) : saved_over(desk->saved, id));
    if (!kept)
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "state: %s: %s", desk->setting.state, strerror(errno));
    json_decref(row);
    g_free(id);
}

struct console *consoles_new(struct desk *desk)
{
    const struct console_calls calls = {desk, consoles_ask, consoles_say, consoles_mark, consoles_end, consoles_keep};
    return console_new(&calls);
}

/* The request's origin was checked before. */
void consoles_connects(struct desk *desk, struct desk_session *session, struct evhttp_request *http)
{
    if (!authority_allows(ACT_look, claim_kind_none, desk_role_of_session(session))) {
        api_error(http, 403, "role", "This is for supervisors.");
        return;
    }
    uint64_t ticket = door_upgrade(desk->door, http);
    if (ticket != 0) console_joins(desk->console, ticket, session, session->agent);
}
