/* compiler/cli/explain.c - gcxc explain: prints the meaning of a code, or the list of codes. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/explain.h"
#include "compiler/cli/command.h"
#include "base/shown.h"

enum { WIDTH = 88 };

static void explain_print_wrapped(const char *text)
{
    int at = 0;
    while (*text) {
        int length = (int)strcspn(text, " ");
        if (at > 0 && at + 1 + length > WIDTH) {
            putchar('\n');
            at = 0;
        }
        at += printf("%s%.*s", at > 0 ? " " : "", length, text);
        text += length;
        text += strspn(text, " ");
    }
    putchar('\n');
}

static void print_example(const char *heading, const char *text)
{
    printf("\n%s:\n", heading);
    for (const char *end; *text; text = end + 1) {
        end = strchr(text, '\n');
        if (strncmp(text, "@file ", 6) == 0)
            printf("  %.*s:\n", (int)(end - text - 6), text + 6);
        else
            printf("    %.*s\n", (int)(end - text), text);
    }
}

static const char *explain_severity(enum diag_code code)
{
    return diag_code_severity(code) == ERROR ? "error" : "warning";
}

static void print_code(struct arena *arena, enum diag_code code)
{
    const struct explanation *explanation = explain_code(code);
    char name[DIAG_NAME_MAX];
    diag_code_write(code, name);
    printf("%s %s, %s: %s\n", diag_code_text(code), name, explain_severity(code), explain_title(arena, code));
    if (!explanation) return;
    putchar('\n');
    explain_print_wrapped(explanation->what);
    putchar('\n');
    explain_print_wrapped(explanation->mend);
    if (!*explanation->wrong) return;
    print_example("Wrong", explanation->wrong);
    print_example("Right", explanation->right);
}

static json_t *explain_code_json(struct arena *arena, enum diag_code code)
{
    const struct explanation *explanation = explain_code(code);
    json_t *object = json_pack("{s:s, s:s, s:s}", "code", diag_code_text(code), "severity", explain_severity(code),
                               "title", explain_title(arena, code));
    if (explanation) {
        json_object_set_new(object, "what", json_string(explanation->what));
        json_object_set_new(object, "mend", json_string(explanation->mend));
        if (*explanation->wrong) json_object_set_new(object, "wrong", json_string(explanation->wrong));
        if (*explanation->right) json_object_set_new(object, "right", json_string(explanation->right));
    }
    return object;
}

static bool explain_refuse(const char *text, enum diag_code near)
{
    char name[DIAG_NAME_MAX];
    if (near == DIAG_CODES) return shown_refuse("gcxc: there is no code '%s'; gcxc explain lists them\n", text);
    diag_code_write(near, name);
    return shown_refuse("gcxc: there is no code '%s'; did you mean '%s'?\n", text, name);
}

/* Finds the codes that are named, or takes all; false where a name is no code, which is reported. */
static bool explain_find_codes(const struct options *options, enum diag_code *codes, size_t *count)
{
    *count = 0;
    for (int i = 0; options->path_count == 0 && i < DIAG_CODES; i++) codes[(*count)++] = (enum diag_code)i;
    for (size_t i = 0; i < options->path_count && *count < DIAG_CODES; i++)
        if (!diag_code_called(options->paths[i], &codes[(*count)++]))
            return explain_refuse(options->paths[i], codes[*count - 1]);
    return true;
}

enum exit_code cli_explain(const struct options *options)
{
    enum diag_code codes[DIAG_CODES];
    size_t count;
    if (!explain_find_codes(options, codes, &count)) return EXIT_USAGE;
    struct arena *arena = arena_new();
    json_t *all = json_array();
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options->format, "json") == 0) {
            json_array_append_new(all, explain_code_json(arena, codes[i]));
        } else if (options->path_count == 0) {
            printf("%s  %s\n", diag_code_text(codes[i]), explain_title(arena, codes[i]));
        } else {
            if (i > 0) putchar('\n');
            print_code(arena, codes[i]);
        }
    }
    if (strcmp(options->format, "json") == 0) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    arena_free(arena);
    return EXIT_GOOD;
}
