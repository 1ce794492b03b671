/* runtime/adapters/desk/remember.c - Keeps sessions and agents' states in a file (web/saved.h), so that after a
 * restart browsers go on with their cookies, and the core leaves agents their interactions.
 *
 * The file has only digests of a session's token and of the user's password: nobody can log in with what is in it.
 * The T-Server's token in it is valid for some hours; only the file's owner can read it. */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapters/desk/chosen.h"
#include "runtime/adapters/desk/held.h"
#include "runtime/adapters/desk/over.h"
#include "runtime/adapters/desk/desk.h"
#include "runtime/console/console.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/why.h"
#include "runtime/web/saved.h"

enum { ID = DIGEST_TEXT + 16 };

static void remember_put_row(struct desk *desk, const char *id, json_t *row)
{
    assert(desk->saved);
    if (row && !saved_put(desk->saved, id, row))
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "state: %s: %s", desk->setting.state, strerror(errno));
}

static void remember_over(struct desk *desk, const char *id)
{
    assert(desk->saved);
    if (!saved_over(desk->saved, id))
        desk->services->log(desk->link, GCX_LOG_ERROR, 0, 0, "state: %s: %s", desk->setting.state, strerror(errno));
}

static const char *remembered_text(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

/* ---- sessions ---- */

static void session_id(const struct desk_session *session, char id[ID])
{
    snprintf(id, ID, "session %s", session->id);
}

static json_t *session_row(const struct desk_session *session)
{
    char *password = g_compute_checksum_for_string(G_CHECKSUM_SHA256, session->hash, -1);
    json_t *row = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I}", "session", session->id, "name", session->name,
                            "agent", session->agent, "role", cti_role_name(session->role), "password", password, "csrf",
                            session->csrf, "voice", session->voice, "ends", (json_int_t)session->ends_ms);
    g_free(password);
    json_object_set_new(row, "uploads", session_uploads(session));
    return row;
}

void remember_session(const struct desk_session *session, struct desk *desk)
{
    char id[ID];
    if (!desk->saved) return;
    session_id(session, id);
    remember_put_row(desk, id, session_row(session));
}

void remember_session_over(const struct desk_session *session, struct desk *desk)
{
    char id[ID];
    if (!desk->saved) return;
    session_id(session, id);
    remember_over(desk, id);
}

/* Returns the user of the session; NULL: the user is gone, or has another role, agent or password now. */
static const struct user *user_of(const struct desk *desk, const json_t *row)
{
    const struct user *user = users_find(desk->users, remembered_text(row, "name"));
    if (!user || strcmp(cti_role_name(user->role), remembered_text(row, "role")) != 0) return NULL;
    if (strcmp(*user->agent ? user->agent : user->name, remembered_text(row, "agent")) != 0) return NULL;
    char *password = g_compute_checksum_for_string(G_CHECKSUM_SHA256, user->hash, -1);
    bool same = strcmp(password, remembered_text(row, "password")) == 0;
    g_free(password);
    return same ? user : NULL;
}

/* Restores a session if its user has the same name, role, agent and password as then. The session's time has gone on
 * by the wall clock. */
static bool restore_session(struct desk *desk, const json_t *row)
{
    const struct user *user = user_of(desk, row);
    int64_t ends_ms = json_integer_value(json_object_get(row, "ends"));
    int64_t left_ms = ends_ms - (int64_t)(desk->services->wall_us(desk->link) / MS);
    if (!user || left_ms <= 0 || left_ms > (int64_t)desk->setting.session * 60 * MS) return false;
    struct desk_session *session = memory_zeroed(1, sizeof *session);
    text_set(session->id, sizeof session->id, remembered_text(row, "session"));
    text_set(session->csrf, sizeof session->csrf, remembered_text(row, "csrf"));
    text_set(session->name, sizeof session->name, user->name);
    text_set(session->agent, sizeof session->agent, remembered_text(row, "agent"));
    text_set(session->hash, sizeof session->hash, user->hash);
    text_set(session->voice, sizeof session->voice, remembered_text(row, "voice"));
    session->role = user->role;
    const json_t *uploads = json_object_get(row, "uploads");
    for (size_t i = 0; i < json_array_size(uploads); i++)
        session_brought(session, json_integer_value(json_array_get(uploads, i)));
    session->ends_ms = ends_ms;
    session->ends_us = desk_now_us(desk) + (uint64_t)left_ms * MS;
    g_hash_table_insert(desk->sessions, session->id, session);
    return true;
}

/* ---- agents ---- */

static void agent_id(const struct desk_agent *agent, char id[ID])
{
    snprintf(id, ID, "agent %s", agent->name);
}

void remember_agent(const struct desk_agent *agent)
{
    char id[ID];
    if (!agent->desk->saved) return;
    agent_id(agent, id);
    remember_put_row(agent->desk, id,
                     json_pack("{s:s, s:s, s:O, s:O, s:s, s:s, s:s, s:O}", "states_of", agent->name, "place",
                               agent->place, "states", agent->states, "reasons", agent->reasons, "dn", agent->dn,
                               "queue", agent->queue, "voice", agent->voice, "talks", agent->talks));
}

void remember_agent_over(const struct desk_agent *agent)
{
    char id[ID];
    if (!agent->desk->saved) return;
    agent_id(agent, id);
    remember_over(agent->desk, id);
}

/* Restores an agent, who is logged out unless the browser is back within `grace`, as if it had gone now. */
static bool restore_agent(struct desk *desk, const json_t *row)
{
    char name[NAME_SIZE];
    json_t *states = json_object_get(row, "states");
    if (!text_set(name, sizeof name, remembered_text(row, "states_of")) || !*name || !json_is_object(states))
        return false;
    struct desk_agent *agent = agent_new(desk, name);
    agent->restored = true;
    text_set(agent->place, sizeof agent->place, remembered_text(row, "place"));
    text_set(agent->dn, sizeof agent->dn, remembered_text(row, "dn"));
    text_set(agent->queue, sizeof agent->queue, remembered_text(row, "queue"));
    text_set(agent->voice, sizeof agent->voice, remembered_text(row, "voice"));
    json_object_update(agent->states, states);
    json_object_update(agent->reasons, json_object_get(row, "reasons"));
    json_object_update(agent->talks, json_object_get(row, "talks"));
    return true;
}

/* ---- conversations that are over ---- */

static bool restore_over(struct desk *desk, const json_t *row)
{
    int64_t ended_ms = json_integer_value(json_object_get(row, "ended"));
    int64_t now_ms = (int64_t)(desk->services->wall_us(desk->link) / MS);
    uint64_t ixn;
    if (!ident_read_ixn(desk_text(row, "over"), &ixn) || !json_is_object(json_object_get(row, "item")) ||
        now_ms - ended_ms > (int64_t)OVER_DAYS * 86400 * 1000)
        return false;
    json_object_set_new(desk->overs, desk_text(row, "over"), json_copy((json_t *)row));
    return true;
}

/* ---- the file ---- */

static bool remember_restore(void *self, const json_t *row)
{
    bool is_agent = json_object_get(row, "states_of") != NULL;
    const char *course_of = json_string_value(json_object_get(row, "course_of"));
    if (json_object_get(row, "chosen_of")) return chosen_restore(self, row);
    if (json_object_get(row, "over")) return restore_over(self, row);
    if (json_object_get(row, "held")) return held_restore(self, row);
    if (course_of) console_restore(((struct desk *)self)->console, course_of, row);
    if (course_of) return true;
    return (is_agent ? restore_agent : restore_session)(self, row);
}

bool remember_open(struct desk *desk, char *why, size_t why_size)
{
    char reason[200];
    if (!*desk->setting.state) return true;
    desk->saved =
        saved_open(desk->setting.state, desk->link, desk->services, remember_restore, desk, reason, sizeof reason);
    if (!desk->saved) return why_set(why, why_size, "state: %s", reason);
    return true;
}
