/* compiler/cli/mutants_told.c - Writes and reads the file of mutants.
 *
 *     {"gcxc_mutants": 1,
 *      "scores": [{"in": "sales", "noticed": 12, "not_noticed": 2, "no_test": 1}],
 *      "mutants": [{"file", "line", "column", "in", "change", "text", "verdict"}]}
 */
#include "compiler/cli/mutants_told.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/file.h"
#include "base/shown.h"

static const char *const mutant_verdicts[] = {[MUTANT_UNTRIED] = "not tried",
                                              [MUTANT_NOTICED] = "noticed",
                                              [MUTANT_SURVIVED] = "not noticed",
                                              [MUTANT_NO_TEST] = "no test",
                                              [MUTANT_NO_PROGRAM] = "no program"};

bool mutant_row_lives(const struct mutant_row *row)
{
    return row->verdict == MUTANT_SURVIVED || row->verdict == MUTANT_NO_TEST;
}

/* Returns the text as JSON; one that is no UTF-8, as a path may be, becomes "?". */
static json_t *mutants_string(const char *text)
{
    json_t *string = json_string(text);
    return string ? string : json_string("?");
}

static void mutants_count(json_t *score, const char *of)
{
    json_object_set_new(score, of, json_integer(json_integer_value(json_object_get(score, of)) + 1));
}

static json_t *mutants_scores(const struct mutant_row *rows, uint32_t count)
{
    json_t *scores = json_array(), *places = json_object();
    for (uint32_t i = 0; i < count; i++) {
        const struct mutant_row *row = &rows[i];
        if (row->verdict == MUTANT_NO_PROGRAM || row->verdict == MUTANT_UNTRIED) continue;
        json_t *score = json_object_get(places, row->in);
        if (!score) {
            score =
                json_pack("{so si si si}", "in", mutants_string(row->in), "noticed", 0, "not_noticed", 0, "no_test", 0);
            json_object_set(places, row->in, score);
            json_array_append_new(scores, score);
        }
        mutants_count(score, row->verdict == MUTANT_NOTICED    ? "noticed"
                             : row->verdict == MUTANT_SURVIVED ? "not_noticed"
                                                               : "no_test");
    }
    json_decref(places);
    return scores;
}

bool mutants_may_write(const char *path)
{
    return file_may_replace(path, "{\n \"gcxc_mutants\": 1", "file of mutants");
}

bool mutants_write(const struct mutant_row *rows, uint32_t count, const char *path)
{
    if (!mutants_may_write(path)) return false;
    json_t *list = json_array();
    for (uint32_t i = 0; i < count; i++) {
        const struct mutant_row *row = &rows[i];
        if (row->verdict == MUTANT_NO_PROGRAM) continue;
        json_array_append_new(list, json_pack("{so sI sI so so so ss}", "file", mutants_string(row->file), "line",
                                              (json_int_t)row->line, "column", (json_int_t)row->column, "in",
                                              mutants_string(row->in), "change", mutants_string(row->what), "text",
                                              mutants_string(row->text), "verdict", mutant_verdicts[row->verdict]));
    }
    json_t *all = json_pack("{si so so}", "gcxc_mutants", 1, "scores", mutants_scores(rows, count), "mutants", list);
    char *text = json_dumps(all, JSON_INDENT(1));
    bool good = text && file_write(path, (const uint8_t *)text, strlen(text));
    free(text);
    json_decref(all);
    return good;
}

static bool mutants_same(const json_t *known, const char *field, const char *text)
{
    const char *value = json_string_value(json_object_get(known, field));
    json_t *string = mutants_string(text);
    bool same = value && strcmp(value, json_string_value(string)) == 0;
    json_decref(string);
    return same;
}

/* Takes the first entry that is this mutant out of the list. */
static bool mutants_take(json_t *list, const struct mutant_row *row)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *known = json_array_get(list, i);
        if (!mutants_same(known, "change", row->what) || !mutants_same(known, "text", row->text) ||
            !mutants_same(known, "in", row->in) || !mutants_same(known, "file", row->file))
            continue;
        json_array_remove(list, i);
        return true;
    }
    return false;
}

bool mutants_know(struct mutant_row *rows, uint32_t count, const char *path)
{
    json_error_t why;
    json_t *all = file_read_json(path, &why), *known = json_array(), *one;
    size_t i;
    if (!json_is_array(json_object_get(all, "mutants"))) {
        shown_print(stderr, "gcxc: %s is no file of mutants; gcxc test --mutate --mutants FILE writes one%s%s\n", path,
                    all ? "" : ": ", all ? "" : why.text);
        json_decref(known);
        json_decref(all);
        return false;
    }
    json_array_foreach(json_object_get(all, "mutants"), i,
                       one) if (mutants_same(one, "verdict", "not noticed") || mutants_same(one, "verdict", "no test"))
        json_array_append(known, one);
    for (uint32_t row = 0; row < count; row++)
        if (mutant_row_lives(&rows[row])) rows[row].known = mutants_take(known, &rows[row]);
    json_decref(known);
    json_decref(all);
    return true;
}
