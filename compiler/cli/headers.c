/* compiler/cli/headers.c - gcxc headers: writes the C header for the library that the natives of some files call.
 *
 * Each `native` of the files becomes two lines. native tier(account: str, age: duration): int makes:
 *
 *     GCX_NATIVE_SEEN int64_t gcx_native_tier(const char *account, size_t account_length, int64_t age_us);
 *     GCX_NATIVE_SIGNATURE(tier, "int(str, duration)");
 *
 * The first line declares the function that the library has to define. The second line stores the types in the
 * library as the strategy knows them. The unit is part of the parameter's name, as an int64_t does not tell
 * microseconds from days. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/check/typed.h"
#include "compiler/cli/file.h"
#include "compiler/cli/view.h"
#include "compiler/syntax/program.h"
#include "base/memory.h"
#include "base/shown.h"

#define BEGINS "/* Made by `gcxc headers`"

/* The C type for each type that a native may have. `unit`: the end of the parameter's name, since the C type does
 * not tell the unit. */
struct c_type {
    enum lang_type kind;
    const char *type, *unit;
};

static const struct c_type c_types[] = {
    {LANG_BOOL, "bool", ""},
    {LANG_FLOAT, "double", ""},
    {LANG_INT, "int64_t", ""},
    {LANG_DURATION, "int64_t", "_us"},
    {LANG_TIME, "int64_t", "_us"},
    {LANG_DATE, "int64_t", "_days"},
    {LANG_PERCENT, "int64_t", "_millionths"},
    {LANG_STR, "void", "_length"},
};

static const struct c_type *c_type(const struct type *type)
{
    size_t i = 0;
    while (c_types[i].kind != type->kind) i++; /* the native has been checked: its type is in the table */
    return &c_types[i];
}

/* Returns a name for C: words that are names in the language, but keywords in C, are changed. */
static const char *headers_safe(struct arena *arena, const char *name)
{
    static const char words[] =
        " auto bool char const default do double enum extern float inline int long register restrict "
        "result short signed sizeof static struct typedef union unsigned void volatile asm true "
        "false case switch goto break continue return if else for while ";
    return strstr(words, arena_printf(arena, " %s ", name)) ? arena_printf(arena, "%s_", name) : name;
}

/* Writes the doc comment of the native as a C comment. The `/` of each comment sign within the text is left out: the
 * C comment would end there. */
static void put_doc(FILE *out, const char *doc)
{
    if (!doc || !*doc) return;
    fputs("/* ", out);
    for (const char *at = doc; *at; at++)
        if (*at == '\n')
            fputs("\n * ", out);
        else if (*at != '/' || (at[1] != '*' && (at == doc || at[-1] != '*'))) /* leave the `/` of a comment sign out */
            fputc(*at, out);
    fputs(" */\n", out);
}

static void put_param(FILE *out, struct arena *arena, const struct symbol *param)
{
    const struct c_type *type = c_type(param->type);
    const char *name = headers_safe(arena, param->name);
    if (type->kind == LANG_STR)
        fprintf(out, "const char *%s, size_t %s%s", name, name, type->unit);
    else
        fprintf(out, "%s %s%s", type->type, *type->unit ? param->name : name, type->unit);
}

/* Writes the two lines of a native; C cannot return a text, so a function with a text as its result gets a `struct
 * gcx_native *result` as its first parameter. */
static void put_native(FILE *out, struct arena *arena, const struct node *native)
{
    const struct body *body = ((const struct symbol *)native->meaning)->body;
    bool text = body->result->kind == LANG_STR;
    fputc('\n', out);
    put_doc(out, native->doc);
    fprintf(out, "GCX_NATIVE_SEEN %s gcx_native_%s(%s", c_type(body->result)->type, body->name,
            text                ? "struct gcx_native *result"
            : body->param_count ? ""
                                : "void");
    for (uint32_t i = 0; i < body->param_count; i++) {
        if (i || text) fputs(", ", out);
        put_param(out, arena, body->params[i]);
    }
    fprintf(out, ");\nGCX_NATIVE_SIGNATURE(%s, \"%s(", body->name, body->result->text);
    for (uint32_t i = 0; i < body->param_count; i++) fprintf(out, "%s%s", i ? ", " : "", body->params[i]->type->text);
    fputs(")\");\n", out);
}

static size_t put_header_files(FILE *out, struct program *program)
{
    size_t count = 0;
    fputs(BEGINS " of the natives that strategies call: change those, and make it again. */\n"
                 "#pragma once\n"
                 "#include <gcx/gcx_native.h>\n",
          out);
    EACH_NODE (file, program->files)
        EACH_NODE (node, file->file.declarations) {
            if (node->kind != NODE_NATIVE) continue;
            put_native(out, program->arena, node);
            count++;
        }
    return count;
}

/* A file that exists is replaced only if it is itself such a header: somebody may have given the name of a C file by
 * mistake. The header is made in memory, so that files without natives leave no file behind. */
enum exit_code cli_headers(const struct options *options)
{
    struct compilation *compilation = view_open(options->paths, options->path_count, options->site);
    if (!compilation) return EXIT_PROBLEMS;
    char *text;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    bool good = put_header_files(out, compilation_program(compilation)) > 0;
    if (fclose(out) != 0) abort();
    if (!good)
        shown_print(stderr, "gcxc: there are no natives in %s\n", options->paths[0]);
    else if (options->output)
        good = file_may_replace(options->output, BEGINS, "header") &&
               file_write(options->output, (const uint8_t *)text, length);
    else
        good = fwrite(text, 1, length, stdout) == length;
    free(text);
    compilation_free(compilation);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
