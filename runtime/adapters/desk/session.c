/* runtime/adapters/desk/session.c - A session keeps a password for a time, and the numbers of uploaded files.
 *
 * A session belongs to a browser and not to an agent: one agent may have several. The password is needed again when the
 * agent logs in at the telephone. The password is kept for ten minutes, and overwritten before its memory is freed. An
 * uploaded file is known by its number, and only the session that has uploaded it may send it. */
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/desk/desk.h"

enum { KEPT_MINUTES = 10, UPLOADS_KEPT = 5000 };

void session_keep_password(const struct desk *desk, struct desk_session *session, const char *password)
{
    assert(!session->password);
    session->password = g_strdup(password);
    session->forget_us = desk_now_us(desk) + (uint64_t)KEPT_MINUTES * 60 * SECOND_US;
}

void session_forget_password(struct desk_session *session)
{
    if (!session->password) return;
    sodium_memzero(session->password, strlen(session->password));
    g_free(session->password);
    session->password = NULL;
}

void desk_session_free(gpointer session)
{
    session_forget_password(session);
    if (((struct desk_session *)session)->uploads) g_hash_table_destroy(((struct desk_session *)session)->uploads);
    free(session);
}

void session_brought(struct desk_session *session, int64_t upload)
{
    if (!session->uploads) session->uploads = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    g_hash_table_add(session->uploads, g_memdup2(&upload, sizeof upload));
}

bool session_has_brought(const struct desk_session *session, int64_t upload)
{
    return session->uploads && g_hash_table_contains(session->uploads, &upload);
}

json_t *session_uploads(const struct desk_session *session)
{
    GHashTableIter at;
    gpointer upload;
    json_t *list = json_array();
    if (!session->uploads) return list;
    g_hash_table_iter_init(&at, session->uploads);
    while (g_hash_table_iter_next(&at, &upload, NULL) && json_array_size(list) < UPLOADS_KEPT)
        json_array_append_new(list, json_integer(*(const int64_t *)upload));
    return list;
}
