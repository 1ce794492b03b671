/* runtime/adapters/cti/access.c - Rights of clients: the table of roles says who may request and see what; a user's
 * own place and scope limit that.
 *
 * A right has a reach for each role (roles.def): nothing, the user's own place, the user's scope (the DNs and groups
 * of the user's line in the file), the scope if the user has `data`, or everything. Without users everybody may do
 * everything. Rights are checked again at each request and each event, so that a changed file of users takes effect
 * at once. */
#include <assert.h>
#include <string.h>

#include "runtime/adapters/cti/internal.h"

enum reach { NO, OWN, SCOPE, GRANTED, ANY };

static const struct {
    const char *what;
    enum reach reach[ROLES];
} rights[RIGHTS] = {
#define RIGHT(what, agent, supervisor, monitor, switch_) {#what, {agent, supervisor, monitor, switch_}},
#include "runtime/adapters/cti/roles.def"
};

enum right access_right_of(const char *request)
{
    for (enum right right = 0; right < RIGHTS; right++)
        if (strcmp(rights[right].what, request) == 0) return right;
    return RIGHTS;
}

/* Is the number the user's own place? A user's own place is a DN where the user's agent is logged in, or where no agent
 * is and the user may sit: one of the user's DNs, or, if the user has none, any extension or position. */
static bool user_is_own(const struct cti *cti, const struct user *user, const char *number)
{
    const struct agent_session *session = agents_at(&cti->agents, number);
    const struct cti_dn *dn = dns_find(&cti->dns, number);
    if (user->agent[0] == 0 || (session && strcmp(session->agent, user->agent) != 0)) return false;
    if (user->dns.count > 0) return user_has_dn(user, number) || (session && user->role == ROLE_supervisor);
    return !dn || !dn->known || dn->type == dn_type_extension || dn->type == dn_type_position;
}

static bool user_in_scope(const struct cti *cti, const struct user *user, const char *number)
{
    const struct agent_session *session = agents_at(&cti->agents, number);
    return (user->dns.count == 0 && user->groups.count == 0) || user_has_dn(user, number) ||
           (session && users_share_group(cti->users, user, session->agent));
}

bool access_may(const struct client *client, enum right right, const char *dn)
{
    const struct cti *cti = client_cti(client);
    const struct user *user = client_user(client);
    if (!client_is_known(client) || right == RIGHTS) return false;
    if (!user) return !cti->users;
    assert(user->role < ROLES);
    switch (rights[right].reach[user->role]) {
    case OWN:
        return user_is_own(cti, user, dn);
    case GRANTED:
        if (!user->data) return false;
        /* fall through */
    case SCOPE:
        return user_is_own(cti, user, dn) || user_in_scope(cti, user, dn);
    case ANY:
        return true;
    case NO:
        break;
    }
    return false;
}

bool access_is_of_agent(const struct client *client, const char *agent)
{
    const struct user *user = client_user(client);
    return !user ? !client_cti(client)->users : strcmp(user->agent, agent) == 0;
}

/* Does the event contain user data, or digits that the caller keyed? */
static bool has_data(const json_t *event)
{
    return json_object_get(event, "UserData") || json_object_get(event, "CollectedDigits") ||
           json_object_get(event, "Calls");
}

json_t *access_filter_event(const struct client *client, json_t *event)
{
    const char *dn = json_string_value(json_object_get(event, "ThisDN"));
    if (!client_cti(client)->users || !has_data(event) || (dn && access_may(client, RIGHT_UserData, dn))) return event;
    json_t *view = json_deep_copy(event), *call;
    size_t i;
    json_decref(event);
    json_object_del(view, "UserData");
    json_object_del(view, "CollectedDigits");
    json_array_foreach(json_object_get(view, "Calls"), i, call)
    {
        json_object_del(call, "UserData");
    }
    return view;
}
