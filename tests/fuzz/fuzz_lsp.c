/* tests/fuzz/fuzz_lsp.c - An editor that says anything to gcxc lsp: lines of JSON, each a message with its header, and
 * after a
 * `!` a line as it is. The server ends, all that it says is messages, and each request has its answer, once.
 * The same bytes are also an SQL file beside the site, in which a name is looked for that takes another one.
 *
 * Playing a test is left out: it is another process (tests/language/lsp.sh has it). */
#include "config.h"
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "compiler/base/frame.h"
#include "compiler/lsp/beside.h"
#include "compiler/lsp/server.h"
#include "tests/fuzz/fuzz.h"

enum { IDS = 64 };

struct session {
    int asked[IDS]; /* how many requests have that id, less the answers; only small numbers are counted */
    bool broken;    /* a line as it is: what the server makes of the rest is its affair */
};

static void message(FILE *in, const uint8_t *line, size_t length, struct session *session)
{
    json_t *object = json_loadb((const char *)line, length, JSON_REJECT_DUPLICATES, NULL);
    const json_t *id = json_object_get(object, "id");
    const char *method = json_string_value(json_object_get(object, "method"));
    bool answer = !method && (json_object_get(object, "result") || json_object_get(object, "error"));
    bool answered =
        !answer && !(method && strcmp(method, "$/cancelRequest") == 0); /* what is no request, too, as such */
    if (answered && json_is_integer(id) && json_integer_value(id) >= 0 && json_integer_value(id) < IDS)
        session->asked[json_integer_value(id)]++;
    json_decref(object);
    fprintf(in, "Content-Length: %zu\r\n\r\n", length);
    fwrite(line, 1, length, in);
}

static char *script(const uint8_t *bytes, size_t length, size_t *made, struct session *session)
{
    char *text = NULL;
    FILE *in = open_memstream(&text, made);
    for (const uint8_t *end = bytes + length; bytes < end;) {
        const uint8_t *stop = memchr(bytes, '\n', (size_t)(end - bytes));
        size_t line = (size_t)((stop ? stop : end) - bytes);
        if (line > 0 && *bytes == '!') {
            fwrite(bytes + 1, 1, line - 1, in);
            session->broken = true;
        } else {
            message(in, bytes, line, session);
        }
        bytes += line + (stop != NULL);
    }
    fclose(in);
    return text;
}

static void check_said(int out, struct session *session)
{
    struct frames frames = {.in = out, .out = -1, .most = SIZE_MAX};
    const char *body;
    size_t length;
    MUST(lseek(out, 0, SEEK_SET) == 0);
    for (;;) {
        while ((body = frames_next(&frames, &length))) {
            json_t *said = json_loadb(body, length, 0, NULL);
            const json_t *id = json_object_get(said, "id");
            MUST(json_is_object(said));
            if (json_is_integer(id) && json_integer_value(id) >= 0 && json_integer_value(id) < IDS &&
                (json_object_get(said, "result") || json_object_get(said, "error")))
                session->asked[json_integer_value(id)]--;
            json_decref(said);
        }
        if (frames.ended || frames.broken) break;
        frames_read(&frames);
    }
    MUST(!frames.broken);
    frames_free(&frames);
}

static int memory_file(const char *name)
{
    int file = memfd_create(name, MFD_CLOEXEC);
    MUST(file >= 0);
    return file;
}

static void look_beside(const uint8_t *bytes, size_t length)
{
    if (length > SOURCE_LIMIT) return;
    struct arena *arena = arena_new();
    const struct source *source = source_set_add(source_set_new(arena), "x.sql", (const char *)bytes, length);
    char *places = beside_places_in("x.sql", source, "Sales");
    MUST(!places || strncmp(places, "x.sql:", 6) == 0);
    free(places);
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct session session = {.broken = false};
    size_t made;
    look_beside(bytes, length);
    if (memmem(bytes, length, "executeCommand", 14) || memchr(bytes, '\\', length)) return 0; /* nor by an escape */
    char *text = script(bytes, length, &made, &session);
    int in = memory_file("editor"), out = memory_file("server");
    MUST(pwrite(in, text, made, 0) == (ssize_t)made);
    int status = lsp_serve(in, out, NULL);
    MUST(status == 0 || status == 1);
    check_said(out, &session);
    bool exits = memmem(text, made, "\"exit\"", 6) != NULL;
    for (int i = 0; i < IDS && !session.broken && !exits; i++) MUST(session.asked[i] == 0);
    close(in);
    close(out);
    free(text);
    return 0;
}
