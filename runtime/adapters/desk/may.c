/* runtime/adapters/desk/may.c - An agent's rights at the desk: the table vocabulary/authority.def decides by the claim
 * that the agent has, and the core asks it again; the settings decide about queues and workbins.
 *
 * The desk asks the table so that pages show what works and refusals come at once; the core's answer is the one that
 * counts. Only whether the user is a supervisor is known here alone, and the core takes the desk's word for it
 * (`supervises`). */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/desk/said.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/web/origins.h"

#define RETURNED "returned" /* the workbin of what comes back to its author: of every desk */

enum authority role_of_session(const struct session *session)
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
    return authority_allows(act, item_kind(item), role_of_session(item->agent->session));
}

json_t *item_rights(const struct item *item)
{
    json_t *words = json_array();
    for (enum act act = 0; act < ACT_record; act++) /* those about an interaction of an agent come first */
        if (*authority_api(act) && item_may(item, act)) json_array_append_new(words, json_string(authority_api(act)));
    return words;
}

bool said_may(const struct said *said, enum act act, bool *supervises)
{
    enum claim_kind kind = item_kind(item_of(said->agent, said->ixn));
    *supervises = !authority_allows(act, kind, AUTHORITY_agent);
    if (authority_allows(act, kind, role_of_session(said->agent->session))) return true;
    return said_refuse(said, kind == claim_kind_none ? "unknown" : "no_privilege", authority_refusal(kind));
}

struct item *said_item_for(const struct said *said, enum act act)
{
    bool supervises; /* over what they have not got: then there is no item, and they are told so */
    return said_may(said, act, &supervises) ? said_item(said) : NULL;
}

/* ---- queues and workbins ---- */

bool desk_shows_queue(const struct desk *desk, const char *name)
{
    return words_have(desk->setting.all_queues, name);
}

bool desk_shows_workbin(const struct desk *desk, const char *name)
{
    return words_have(desk->setting.all_workbins, name) || strcmp(name, RETURNED) == 0;
}

bool said_shows_queue(const struct said *said, const char *name, bool outbound)
{
    const struct desk *desk = said->desk;
    bool sends = outbound && *name && strcmp(name, desk->setting.outbound) == 0;
    if (sends || desk_shows_queue(desk, name)) return true;
    return said_refuse(said, "no_privilege", "This queue is not one of the desk's: its setting `queues` names them.");
}

bool said_shows_workbin(const struct said *said, const char *name)
{
    if (desk_shows_workbin(said->desk, name)) return true;
    return said_refuse(said, "no_privilege",
                       "This workbin is not one of the desk's: its setting `workbins` names them.");
}
