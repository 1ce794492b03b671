/* runtime/studio/simulate.c - Has gcxc simulate one version, or two with the same callers. See simulate.h. */
#include "runtime/studio/simulate.h"

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

enum { SIMULATE_SECONDS = 120, SIMULATE_BYTES_MAX = 8 * 1024 * 1024 };

static GPtrArray *studio_simulate_arguments(const struct studio_simulated *how, bool compared)
{
    GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
    const json_t *one;
    size_t at;
    g_ptr_array_add(all, g_strdup("gcxc"));
    g_ptr_array_add(all, g_strdup("simulate"));
    g_ptr_array_add(all, g_strdup("--format=json"));
    g_ptr_array_add(all, how->strategy ? g_strdup_printf("--arrivals=%s=%u/h", how->strategy, how->hourly)
                                       : g_strdup_printf("--arrivals=%u/h", how->hourly));
    g_ptr_array_add(all, g_strdup_printf("--for=%uh", how->hours));
    g_ptr_array_add(all, g_strdup_printf("--replications=%u", how->replications));
    g_ptr_array_add(all, g_strdup_printf("--within=%us", how->within_s));
    if (how->handling) g_ptr_array_add(all, g_strdup_printf("--handling=%s", how->handling));
    if (how->patience) g_ptr_array_add(all, g_strdup_printf("--patience=%s", how->patience));
    json_array_foreach(how->agents, at, one)
        g_ptr_array_add(all, g_strdup_printf("--agents=%s", json_string_value(one)));
    if (compared) g_ptr_array_add(all, g_strdup("--against=old"));
    g_ptr_array_add(all, g_strdup("new"));
    g_ptr_array_add(all, NULL);
    return all;
}

/* Says what gcxc has complained about. The notes about options that are not there stand before it. */
static void studio_simulate_refused(const struct out *said, struct error *error)
{
    static const char *const notes[] = {"gcxc: no --handling is said", "gcxc: neither --agents nor --directory"};
    const char *text = said->bytes ? said->bytes : "";
    size_t left = said->length;
    for (bool note = true; note;) {
        const char *end = memchr(text, '\n', left);
        note = false;
        for (size_t at = 0; end && at < G_N_ELEMENTS(notes); at++)
            note = note || (strlen(notes[at]) <= left && strncmp(text, notes[at], strlen(notes[at])) == 0);
        if (note) left -= (size_t)(end + 1 - text), text = end + 1;
    }
    studio_complained(text, left, error);
}

json_t *studio_simulate(git_repository *repository, const git_tree *tree, const git_tree *against, bool compared,
                        const struct studio_unsaved *unsaved, const struct studio_simulated *how, int stop,
                        struct error *error)
{
    struct out said = {0};
    json_t *answer = NULL;
    json_error_t wrong;
    if (unsaved->path && !studio_path_good(unsaved->path, error)) return NULL;
    char *folder = studio_folder(repository, NULL, NULL, error);
    if (!folder) return NULL;
    char *old = g_build_filename(folder, "old", NULL), *new = g_build_filename(folder, "new", NULL);
    bool good = mkdir(old, 0700) == 0 && mkdir(new, 0700) == 0;
    if (!good) error_set(error, ERROR_SYSTEM, "%s: %s", folder, g_strerror(errno));
    good = good && studio_export(repository, tree, new, error) &&
           (!unsaved->path || !unsaved->text ||
            studio_export_text(new, unsaved->path, unsaved->text, strlen(unsaved->text), error)) &&
           (!compared || studio_export(repository, against, old, error));
    if (good) {
        GPtrArray *arguments = studio_simulate_arguments(how, compared);
        int code = studio_tool(folder, (const char *const *)arguments->pdata, true, SIMULATE_SECONDS,
                               SIMULATE_BYTES_MAX, stop, &said, error);
        const char *begin = said.bytes ? memchr(said.bytes, '{', said.length) : NULL;
        if (code == 0 && begin)
            answer = json_loadb(begin, said.length - (size_t)(begin - said.bytes), JSON_DISABLE_EOF_CHECK, &wrong);
        if (code >= 0 && !answer) studio_simulate_refused(&said, error);
        g_ptr_array_free(arguments, TRUE);
    }
    g_free(old);
    g_free(new);
    out_free(&said);
    studio_folder_end(folder);
    return answer;
}
