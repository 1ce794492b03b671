/* runtime/studio/edit.c - Has gcxc change one statement of a file. See edit.h. */
#include "runtime/studio/edit.h"

#include <glib.h>
#include <string.h>

enum { EDIT_SECONDS = 20, EDIT_BYTES_MAX = 5 * 1024 * 1024 };

json_t *studio_edit(git_repository *repository, const git_tree *tree, const struct studio_unsaved *unsaved,
                    const struct studio_edit *edit, int stop, struct error *error)
{
    struct out said = {0};
    json_t *answer = NULL;
    json_error_t wrong;
    const json_t *one;
    size_t at;
    if (!studio_path_good(unsaved->path, error)) return NULL;
    char *folder = studio_folder(repository, tree, unsaved, error);
    if (!folder) return NULL;
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(arguments, g_strdup("gcxc"));
    g_ptr_array_add(arguments, g_strdup("edit"));
    g_ptr_array_add(arguments, g_strdup("--whole-site"));
    g_ptr_array_add(arguments, g_strdup("--format=json"));
    g_ptr_array_add(arguments, edit->column ? g_strdup_printf("--at=%u:%u", edit->line, edit->column)
                                            : g_strdup_printf("--at=%u", edit->line));
    json_array_foreach(edit->set, at, one)
        g_ptr_array_add(arguments, g_strdup_printf("--set=%s", json_string_value(one)));
    if (edit->insert) g_ptr_array_add(arguments, g_strdup_printf("--insert=%s", edit->insert));
    if (edit->remove) g_ptr_array_add(arguments, g_strdup("--remove"));
    g_ptr_array_add(arguments, g_strdup_printf("./%s", unsaved->path));
    g_ptr_array_add(arguments, NULL);
    int code = studio_tool(folder, (const char *const *)arguments->pdata, true, EDIT_SECONDS, EDIT_BYTES_MAX, stop,
                           &said, error);
    if (code == 0) answer = json_loadb(said.bytes ? said.bytes : "", said.length, 0, &wrong);
    if (code >= 0 && !answer) studio_complained(said.bytes, said.length, error);
    g_ptr_array_free(arguments, TRUE);
    out_free(&said);
    studio_folder_end(folder);
    return answer;
}
