/* compiler/cli/diff.c - gcxc diff: prints the changes for callers between two programs. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/cli/diff.h"
#include "compiler/cli/view.h"
#include "base/shown.h"

static struct position diff_position(const struct sides *sides, const struct differ_change *change)
{
    return change->after ? source_set_position(sides->new->sources, change->new.begin)
                         : source_set_position(sides->old->sources, change->old.begin);
}

static void diff_tell_text(const struct sides *sides)
{
    for (const struct differ_change *change = sides->changes; change; change = change->next) {
        struct position at = diff_position(sides, change);
        if (at.source) shown_print(stdout, "%s:%u:%u: ", at.source->path, at.line, at.column);
        shown_print(stdout, "%s: %s%s", change->in, change->step, *change->step ? ": " : "");
        if (change->before && change->after)
            shown_print(stdout, "%s: %s -> %s\n", change->about, change->before, change->after);
        else
            shown_print(stdout, "%s: %s: %s\n", change->about, change->after ? "new" : "gone",
                        change->after ? change->after : change->before);
    }
}

static json_t *json_place(const struct program *program, struct source_span span)
{
    struct position at = source_set_position(program->sources, span.begin);
    if (!at.source) return json_null();
    json_t *object =
        json_pack("{s:s, s:i, s:i}", "file", at.source->path, "line", (int)at.line, "column", (int)at.column);
    return object ? object : json_null();
}

static void diff_tell_json(const struct sides *sides)
{
    json_t *all = json_array();
    for (const struct differ_change *change = sides->changes; change; change = change->next)
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s?, s:s?, s:o, s:o}", "in", change->in, "step",
                                             change->step, "about", change->about, "before", change->before, "after",
                                             change->after, "old", json_place(sides->old, change->old), "new",
                                             json_place(sides->new, change->new)));
    json_t *whole = json_pack("{s:o}", "changes", all);
    json_dumpf(whole, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(whole);
}

static bool diff_is_drawn(const char *format)
{
    return strcmp(format, "svg") == 0 || strcmp(format, "dot") == 0 || strcmp(format, "mermaid") == 0;
}

/* Draws both versions in one diagram; false, with the reason printed, where there is none. */
static bool diff_draw(const struct options *options, const struct sides *sides)
{
    const struct graph *old = graph_make(sides->old, NULL), *new = graph_make(sides->new, NULL);
    struct graph *both = graph_differ(sides->new->arena, old, new);
    size_t length = 0;
    if (both->box_count == 0)
        return shown_refuse("gcxc: there is no strategy in %s and %s\n", options->paths[0], options->paths[1]);
    char *text = view_picture(both, options->format, &length);
    bool good = text && fwrite(text, 1, length, stdout) == length;
    free(text);
    return good;
}

static void diff_tell(const struct options *options, const struct sides *sides)
{
    if (strcmp(options->format, "json") == 0)
        diff_tell_json(sides);
    else if (strcmp(options->format, "markdown") == 0)
        diff_markdown_tell(sides);
    else
        diff_tell_text(sides);
}

static enum exit_code diff_callers(const struct options *options)
{
    enum exit_code code = EXIT_USAGE;
    struct compilation *old = view_open(options->paths, 1, options->site);
    struct compilation *new = old ? view_open(options->paths + 1, 1, options->site) : NULL;
    if (new) {
        struct sides sides = {.old = compilation_program(old), .new = compilation_program(new)};
        sides.changes = differ_find(sides.old, sides.new);
        bool drawn = diff_is_drawn(options->format), good = !drawn || diff_draw(options, &sides);
        if (!drawn) diff_tell(options, &sides);
        if (good) code = sides.changes ? EXIT_PROBLEMS : EXIT_GOOD;
    }
    compilation_free(new);
    compilation_free(old);
    return code;
}

static enum exit_code diff_selections(const struct options *options)
{
    struct diff_selection selection;
    if (diff_is_drawn(options->format)) {
        fputs("gcxc: diff --selection is told as text, json or markdown; see gcxc diff --help\n", stderr);
        return EXIT_USAGE;
    }
    bool found = diff_selection_find(options, &selection);
    if (found) diff_selection_tell(options, &selection);
    diff_selection_free(&selection);
    return !found ? EXIT_USAGE : selection.touched ? EXIT_PROBLEMS : EXIT_GOOD;
}

enum exit_code cli_diff(const struct options *options)
{
    if (options->path_count != 2) {
        fputs("gcxc: diff takes two files or folders, the old one and the new one; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    enum exit_code code = options->selection ? diff_selections(options) : diff_callers(options);
    /* 1 means a difference: what could not be written is trouble (main.c tells it) */
    return fflush(stdout) == 0 && !ferror(stdout) ? code : EXIT_USAGE;
}
