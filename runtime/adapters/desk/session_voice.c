/* runtime/adapters/desk/session_voice.c - The token that the T-Server gave for a user: all sessions of the user have
 * it, so that after a restart the telephone works again with any of them. */
#include <string.h>

#include "runtime/adapters/desk/desk.h"
#include "runtime/vocabulary/bytes.h"

static void session_put_voice(struct desk *desk, struct desk_session *session, const char *token)
{
    text_set(session->voice, sizeof session->voice, token);
    remember_session(session, desk);
}

static bool session_is_same_user(const struct desk_session *one, const struct desk_session *other)
{
    return one != other && strcmp(one->name, other->name) == 0 && strcmp(one->agent, other->agent) == 0 &&
           strcmp(one->hash, other->hash) == 0;
}

void session_has_voice(struct desk *desk, struct desk_session *session, const char *token)
{
    GHashTableIter at;
    gpointer other;
    session_forget_password(session);
    session_put_voice(desk, session, token);
    g_hash_table_iter_init(&at, desk->sessions);
    while (g_hash_table_iter_next(&at, NULL, &other))
        if (session_is_same_user(other, session)) session_put_voice(desk, other, token);
}

void session_voice_from_others(struct desk *desk, struct desk_session *session)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, desk->sessions);
    while (!*session->voice && g_hash_table_iter_next(&at, NULL, &value)) {
        const struct desk_session *other = value;
        if (session_is_same_user(other, session) && *other->voice) session_put_voice(desk, session, other->voice);
    }
}
