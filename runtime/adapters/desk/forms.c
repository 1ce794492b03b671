/* runtime/adapters/desk/forms.c - Reads the site's forms for reviews. See forms.h. */
#include "runtime/adapters/desk/forms.h"

#include <dirent.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/why.h"

#define FORM_FILE ".form"
enum { FORMS_MAX = 50 };

static gint desk_forms_order(gconstpointer left, gconstpointer right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The names of the forms, sorted; g_ptr_array_unref(). NULL with the reason. */
static GPtrArray *desk_forms_names(const char *folder, struct error *error)
{
    DIR *open = opendir(folder);
    if (!open) return error_set(error, ERROR_UNKNOWN, "forms: %.150s: %s", folder, g_strerror(errno)), NULL;
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    for (struct dirent *file; (file = file_next(open));)
        if (g_str_has_suffix(file->d_name, FORM_FILE))
            g_ptr_array_add(names, g_strndup(file->d_name, strlen(file->d_name) - strlen(FORM_FILE)));
    closedir(open);
    g_ptr_array_sort(names, desk_forms_order);
    if (names->len <= FORMS_MAX) return names;
    error_set(error, ERROR_LIMIT, "forms: %.150s has %u forms, and %d are the most", folder, names->len, FORMS_MAX);
    g_ptr_array_unref(names);
    return NULL;
}

struct form *desk_form_find(const char *folder, const char *name, char **text, struct error *error)
{
    char *path = g_strconcat(folder, "/", name, FORM_FILE, NULL);
    const char *cannot = "there is none of this name";
    size_t length = 0;
    bool plain = !strchr(name, '/') && *name != '.';
    struct form *form = NULL;
    *text = plain ? file_read(path, FORM_BYTES_MAX, &length, &cannot) : NULL;
    if (*text)
        form = quality_form_read(name, *text, length, error);
    else
        error_set(error, ERROR_UNKNOWN, "form %.64s: %s", name, cannot);
    if (!form) free(*text);
    g_free(path);
    return form;
}

json_t *desk_form_json(const struct form *form)
{
    json_t *questions = json_array();
    for (unsigned i = 0; i < form->count; i++) {
        const struct form_question *question = &form->questions[i];
        json_t *row = json_pack("{s:s, s:s, s:i, s:i}", "question", question->name, "asks", question->asks, "points",
                                (int)question->points, "weight", (int)question->weight);
        if (*question->hint) json_object_set_new(row, "hint", json_string(question->hint));
        if (question->skips) json_object_set_new(row, "skips", json_true());
        if (question->fails) json_object_set_new(row, "fails", json_true());
        json_array_append_new(questions, row);
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "form", form->name, "title", form->title, "version", form->version,
                     "questions", questions);
}

json_t *desk_forms_all(const char *folder, struct error *error)
{
    GPtrArray *names = desk_forms_names(folder, error);
    if (!names) return NULL;
    json_t *forms = json_array(), *wrong = json_array();
    for (guint i = 0; i < names->len; i++) {
        struct error why = {0};
        char *text;
        struct form *form = desk_form_find(folder, g_ptr_array_index(names, i), &text, &why);
        if (form)
            json_array_append_new(forms, desk_form_json(form)), free(text);
        else
            json_array_append_new(wrong, json_string(why.text));
        quality_form_free(form);
    }
    g_ptr_array_unref(names);
    return json_pack("{s:o, s:o}", "forms", forms, "wrong", wrong);
}

bool desk_forms_good(const char *folder, char *why, size_t why_size)
{
    struct error error = {0};
    json_t *all = desk_forms_all(folder, &error);
    const char *wrong = all ? json_string_value(json_array_get(json_object_get(all, "wrong"), 0)) : error.text;
    if (wrong) why_set(why, why_size, "%s", wrong);
    json_decref(all);
    return !wrong;
}
