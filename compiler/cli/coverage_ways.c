/* compiler/cli/coverage_ways.c - Writes the ways at branches and the exits of steps as JSON, for a page that shows them
 * in the diagram of gcxc graph: a place there is one of a box.
 *
 *     {"gcxc_ways": 1,
 *      "branches": [{"file": "day.gcx", "line": 12, "column": 5,
 *                    "ways": [{"line": 13, "column": 9, "taken": 4}, {"line": 15, "column": 5, "taken": 0}]}],
 *      "exits": [{"file": "day.gcx", "line": 14, "column": 9, "step": "ivr.say", "exit": "timeout", "taken": 1}]}
 *
 * A way leads to a line; line 0: it does nothing. An arm of a segment is a branch with one way. The exit "" is success.
 */
#include "compiler/cli/coverage.h"

#include <jansson.h>
#include <stdlib.h>

static json_t *ways_string(const char *text)
{
    json_t *string = json_string(text);
    return string ? string : json_string("?"); /* a path that is no UTF-8 */
}

static json_t *ways_of_branch(const struct coverage_file *file, const struct coverage_branch *branch)
{
    json_t *ways = json_array();
    for (unsigned way = 0; way < coverage_ways(branch); way++)
        json_array_append_new(ways,
                              json_pack("{sI sI sI}", "line", (json_int_t)branch->next[way], "column",
                                        (json_int_t)branch->next_column[way], "taken", (json_int_t)branch->count[way]));
    return json_pack("{so sI sI so}", "file", ways_string(file->path), "line", (json_int_t)branch->line, "column",
                     (json_int_t)branch->column, "ways", ways);
}

void coverage_json(const struct coverage *coverage, FILE *out)
{
    json_t *branches = json_array(), *exits = json_array();
    for (uint32_t i = 0; i < coverage->file_count; i++) {
        const struct coverage_file *file = &coverage->files[i];
        for (uint32_t at = 0; at < file->branch_count; at++)
            json_array_append_new(branches, ways_of_branch(file, &file->branches[at]));
        for (uint32_t at = 0; at < file->exit_count; at++) {
            const struct coverage_exit *exit = &file->exits[at];
            json_array_append_new(exits, json_pack("{so sI sI ss ss sI}", "file", ways_string(file->path), "line",
                                                   (json_int_t)exit->line, "column", (json_int_t)exit->column, "step",
                                                   exit->step, "exit", exit->name, "taken", (json_int_t)exit->count));
        }
    }
    json_t *all = json_pack("{si so so}", "gcxc_ways", 1, "branches", branches, "exits", exits);
    json_dumpf(all, out, JSON_INDENT(1));
    json_decref(all);
}
