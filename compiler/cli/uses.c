/* compiler/cli/uses.c - gcxc uses: prints the places that depend on a name. */
#include <jansson.h>
#include <string.h>
#include <unistd.h>

#include "compiler/cli/view.h"
#include "compiler/view/uses.h"
#include "base/shown.h"

static json_t *use_json(const struct program *program, const struct use *use)
{
    struct position at = source_set_position(program->sources, use->where.begin);
    return json_pack("{s:s, s:i, s:i, s:s, s:s, s:s, s:s}", "file", at.source ? at.source->path : "", "line",
                     (int)at.line, "column", (int)at.column, "kind", use->kind, "name", use->name, "in", use->in, "for",
                     use->what);
}

static void uses_tell_json(const struct program *program, const struct use *uses)
{
    json_t *all = json_array();
    for (; uses; uses = uses->next) {
        json_t *object = use_json(program, uses);
        if (object) json_array_append_new(all, object); /* NULL for a path that is not UTF-8, which JSON cannot hold */
    }
    json_t *whole = json_pack("{s:o}", "uses", all);
    json_dumpf(whole, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(whole);
}

static void uses_tell_text(const struct program *program, const struct use *uses)
{
    for (; uses; uses = uses->next) {
        struct position at = source_set_position(program->sources, uses->where.begin);
        shown_print(stdout, "%s:%u:%u: %s %s: %s, for %s\n", at.source ? at.source->path : "", at.line, at.column,
                    uses->kind, uses->name, uses->in, uses->what);
    }
}

enum exit_code cli_uses(const struct options *options)
{
    bool kinded = options->path_count >= 3 && !strstr(options->paths[1], ".gcx") &&
                  (uses_kind(options->paths[0]) || access(options->paths[1], F_OK) != 0);
    size_t first = kinded ? 2 : 1;
    const char *kind = kinded ? options->paths[0] : NULL, *name = options->paths[first - 1];
    if (kind && strcmp(kind, "native") == 0) kind = "function";
    if (kind && !uses_kind(kind)) {
        shown_print(stderr, "gcxc: '%s' is no kind of name, such as skill, queue, key, function\n", kind);
        return EXIT_USAGE;
    }
    if (options->path_count <= first) {
        fputs("gcxc: uses takes a name, perhaps with its kind before it, and files or folders; see gcxc --help\n",
              stderr);
        return EXIT_USAGE;
    }
    struct compilation *compilation = view_open(options->paths + first, options->path_count - first, options->site);
    if (!compilation) return EXIT_USAGE;
    struct program *program = compilation_program(compilation);
    const struct use *uses = uses_find(program, kind, name);
    if (strcmp(options->format, "json") == 0)
        uses_tell_json(program, uses);
    else
        uses_tell_text(program, uses);
    if (!uses)
        shown_print(stderr, "gcxc: %s %s%s%s%s\n",
                    uses_declared(program, kind, name) ? "nothing depends on" : "there is no", kind ? kind : "",
                    kind ? " " : "'", name, kind ? "" : "'");
    bool any = uses != NULL;
    compilation_free(compilation);
    return any ? EXIT_GOOD : EXIT_PROBLEMS;
}
