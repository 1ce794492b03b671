/* runtime/adapters/desk/may.c - Rights of agents at the desk: the table vocabulary/authority.def decides by the
 * agent's claim, and the core checks it again; the settings decide about queues and workbins.
 *
 * The desk uses the table so that pages show what is allowed and refusals come at once; the core's answer is the one
 * that counts. Only whether the user is a supervisor is known to the desk alone, and the core relies on the desk for
 * it (`supervises`). */
#include <assert.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/web/origins.h"

enum authority desk_role_of_session(const struct desk_session *session)
{
    return session && session->role == ROLE_supervisor ? AUTHORITY_supervisor : AUTHORITY_agent;
}

enum claim_kind item_kind(const struct item *item)
{
    return !item ? claim_kind_none : item->open ? item->kind : claim_kind_offered;
}

bool item_may(const struct item *item, enum act act)
{
    assert(item->agent);
    return authority_allows(act, item_kind(item), desk_role_of_session(item->agent->session));
}

json_t *item_rights(const struct item *item)
{
    json_t *words = json_array();
    for (enum act act = 0; act < ACT_record; act++) /* the acts on an agent's interaction are the first of the enum */
        if (*authority_api(act) && item_may(item, act)) json_array_append_new(words, json_string(authority_api(act)));
    return words;
}

bool desk_lets_design(const struct desk *desk, const char *user)
{
    return *desk->setting.strategies && web_words_have(desk->setting.all_designers, user);
}

/* ---- queues and workbins ---- */

bool desk_shows_queue(const struct desk *desk, const char *name)
{
    return web_words_have(desk->setting.all_queues, name);
}

bool desk_shows_view(const struct desk *desk, const char *name)
{
    return web_words_have(desk->setting.all_views, name);
}

bool desk_shows_workbin(const struct desk *desk, const char *name)
{
    return web_words_have(desk->setting.all_workbins, name);
}
