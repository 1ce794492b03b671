/* runtime/sim/admin.c - A blocking client of the admin socket. */
#include "runtime/sim/rig_state.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/daemon/protocol/socket.h"
#include "base/memory.h"

enum { PATIENCE_S = 20 };

struct admin_client {
    FILE *stream;
    json_int_t id;
};

struct admin_client *admin_connect(const char *path, struct error *error)
{
    struct error why = {0};
    int fd = socket_connect_within(path, PATIENCE_S, &why);
    if (fd < 0) {
        error_set(error, ERROR_UNAVAILABLE, "cannot reach gcxvm at %s", why.text);
        return NULL;
    }
    struct admin_client *a = memory_zeroed(1, sizeof *a);
    a->stream = fdopen(fd, "r+");
    assert(a->stream);
    return a;
}

void admin_close(struct admin_client *a)
{
    if (a) {
        fclose(a->stream);
        free(a);
    }
}

json_t *admin_ask(struct admin_client *a, const char *command, const char *conn, struct error *error)
{
    return admin_ask_with(a, command, conn, NULL, error);
}

json_t *admin_ask_with(struct admin_client *a, const char *command, const char *conn, json_t *more, struct error *error)
{
    json_error_t why;
    json_t *question = json_pack("{s:I, s:s}", "id", ++a->id, "command", command);
    if (conn) json_object_set_new(question, "conn", json_string(conn));
    if (more) json_object_update_missing(question, more);
    bool sent =
        json_dumpf(question, a->stream, JSON_COMPACT) == 0 && fputc('\n', a->stream) != EOF && fflush(a->stream) == 0;
    json_decref(question);
    json_t *answer = sent ? json_loadf(a->stream, JSON_DISABLE_EOF_CHECK, &why) : NULL;
    if (!answer) {
        error_set(error, ERROR_UNAVAILABLE, "gcxvm gives no answer to %s", command);
        return NULL;
    }
    (void)fgetc(a->stream); /* the line's end */
    if (!json_is_true(json_object_get(answer, "ok"))) {
        const char *text = json_string_value(json_object_get(answer, "error"));
        error_set(error, ERROR_STATE, "gcxvm: %s", !text ? "it refuses" : text);
        json_decref(answer);
        return NULL;
    }
    return answer;
}
