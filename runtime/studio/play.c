/* runtime/studio/play.c - Has gcxdb play the acts of a person. See play.h. */
#include "runtime/studio/play.h"

#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/utf8.h"

#define ACTS_FILE ".acts" /* no file of a person begins with a dot */
#define WAY_FILE  ".way.json"

enum { PLAY_SECONDS = 20, PLAY_BYTES_MAX = 4 * 1024 * 1024, PLAY_WHY_MAX = 180 };

/* Is it one line, whose first word is a whole command that acts or lets time pass? The others read and write files. */
static bool studio_act_good(const char *act)
{
    static const char *const words[] = {"advance", "agent", "answer", "arrive",    "caller", "continue", "fails",
                                        "hang",    "key",   "link",   "parameter", "queue",  "signal"};
    size_t length = strcspn(act, " ");
    for (const char *at = act; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f) return false;
    for (size_t at = 0; at < G_N_ELEMENTS(words); at++)
        if (strlen(words[at]) == length && strncmp(words[at], act, length) == 0) return true;
    return false;
}

/* The commands for gcxdb; g_string_free. NULL with the reason: one of the acts is none. */
static GString *studio_play_commands(const json_t *acts, struct error *error)
{
    GString *text = g_string_new("");
    const json_t *act;
    size_t at;
    json_array_foreach(acts, at, act)
    {
        if (!studio_act_good(json_string_value(act))) {
            error_set(error, ERROR_INPUT, "acts: %.100s is no act of the world, such as arrive, key, answer, advance",
                      json_string_value(act));
            g_string_free(text, TRUE);
            return NULL;
        }
        g_string_append_printf(text, "%s\n", json_string_value(act));
    }
    return g_string_append(text, "graph " WAY_FILE "\n");
}

/* Says why the last act cannot be done, by gcxdb's line about it; without such a line, by its first one. */
static void studio_play_refused(const struct out *said, struct error *error)
{
    static const char refuses[] = "Not possible: ";
    char *text = g_strndup(said->bytes ? said->bytes : "", said->length), *found = g_strrstr(text, refuses);
    const char *why = found ? found + strlen(refuses) : text;
    error_set(error, ERROR_STATE, "%.*s", (int)utf8_cut(why, strcspn(why, "\n"), PLAY_WHY_MAX), why);
    g_free(text);
}

json_t *studio_play(git_repository *repository, const git_tree *tree, const struct studio_unsaved *unsaved,
                    const json_t *acts, int stop, struct error *error)
{
    static const char *const arguments[] = {"gcxdb", "run", "--batch", "-x", ACTS_FILE, ".", NULL};
    struct out said = {0};
    json_t *answer = NULL;
    json_error_t wrong;
    if (unsaved->path && !studio_path_good(unsaved->path, error)) return NULL;
    GString *commands = studio_play_commands(acts, error);
    char *folder = commands ? studio_folder(repository, tree, unsaved, error) : NULL;
    if (folder) {
        char *file = g_build_filename(folder, ACTS_FILE, NULL), *way = g_build_filename(folder, WAY_FILE, NULL);
        if (!g_file_set_contents(file, commands->str, (gssize)commands->len, NULL))
            error_set(error, ERROR_SYSTEM, "%s: %s", file, g_strerror(errno));
        int code = studio_tool(folder, arguments, true, PLAY_SECONDS, PLAY_BYTES_MAX, stop, &said, error);
        size_t length = 0;
        const char *why = NULL;
        char *text = code == 0 ? file_read(way, PLAY_BYTES_MAX, &length, &why) : NULL;
        if (text) answer = json_loadb(text, length, 0, &wrong);
        free(text);
        if (json_is_null(json_object_get(answer, "asks"))) json_object_del(answer, "asks");
        if (code >= 0 && !answer) studio_play_refused(&said, error);
        g_free(file);
        g_free(way);
    }
    if (commands) g_string_free(commands, TRUE);
    out_free(&said);
    studio_folder_end(folder);
    return answer;
}
