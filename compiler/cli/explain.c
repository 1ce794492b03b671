/* compiler/cli/explain.c - gcxc explain: prints the meaning of a code, or the list of codes. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/explain.h"
#include "compiler/cli/command.h"
#include "compiler/cli/site_rules.h"
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

/* ---- rules of the site ---- */

/* Returns the lines of the example, between its braces, without the indent of the first one. */
static const char *explain_example(struct arena *arena, const struct source *source, const struct node *example)
{
    const char *text = source->text + (example->span.begin - source->base);
    const char *end = source->text + (example->span.end - source->base) - 1, *at = text + strcspn(text, "{") + 1;
    char *lines = arena_alloc(arena, (size_t)(end - at) + 2), *to = lines;
    size_t indent = SIZE_MAX;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = (size_t)((stop ? stop : end) - at), blank = strspn(at, " \t\r");
        if (blank < length) {
            if (indent == SIZE_MAX) indent = blank;
            size_t skip = blank < indent ? blank : indent;
            while (length > skip && strchr(" \t\r", at[length - 1])) length--;
            memcpy(to, at + skip, length - skip);
            to += length - skip;
            *to++ = '\n';
        }
        at = stop ? stop + 1 : end;
    }
    *to = '\0';
    return lines;
}

/* Returns the first example of that sort, or "". */
static const char *explain_example_of(struct arena *arena, const struct source *source, const struct own_rule *rule,
                                      const char *sort)
{
    EACH_NODE (line, rule->node->site_rule.lines)
        if (line->kind == NODE_RULE_EXAMPLE && strcmp(line->rule_example.what.text, sort) == 0)
            return explain_example(arena, source, line);
    return "";
}

static void print_own(struct arena *arena, const struct program *program, const struct own_rule *rule)
{
    struct position at = source_set_position(program->sources, rule->node->span.begin);
    const char *wrong = explain_example_of(arena, at.source, rule, "wrong");
    const char *right = explain_example_of(arena, at.source, rule, "right");
    shown_print(stdout, "%s, a rule of %s:%u: %s\n", rule->told.name, at.source->path, at.line, rule->told.title);
    if (rule->told.doc) {
        putchar('\n');
        shown_print(stdout, "%s\n", rule->told.doc);
    }
    putchar('\n');
    EACH_NODE (line, rule->node->site_rule.lines)
        if (line->kind == NODE_RULE_LINE)
            shown_print(stdout, "    %.*s\n", (int)(line->span.end - line->span.begin),
                        at.source->text + (line->span.begin - at.source->base));
    if (*wrong) print_example("Wrong", wrong);
    if (*right) print_example("Right", right);
}

static json_t *own_json(struct arena *arena, const struct program *program, const struct own_rule *rule)
{
    const struct source *source = source_set_at(program->sources, rule->node->span.begin);
    const char *wrong = explain_example_of(arena, source, rule, "wrong");
    const char *right = explain_example_of(arena, source, rule, "right");
    json_t *object =
        json_pack("{s:s, s:s, s:s}", "code", rule->told.name, "severity", "warning", "title", rule->told.title);
    if (rule->told.doc) json_object_set_new(object, "what", json_string(rule->told.doc));
    if (*wrong) json_object_set_new(object, "wrong", json_string(wrong));
    if (*right) json_object_set_new(object, "right", json_string(right));
    return object;
}

/* ---- */

static bool explain_refuse(const char *text, enum diag_code near, const char *own)
{
    char name[DIAG_NAME_MAX];
    if (own) return shown_refuse("gcxc: there is no code '%s'; did you mean '%s'?\n", text, own);
    if (near == DIAG_CODES) return shown_refuse("gcxc: there is no code '%s'; gcxc explain lists them\n", text);
    diag_code_write(near, name);
    return shown_refuse("gcxc: there is no code '%s'; did you mean '%s'?\n", text, name);
}

struct explaining {
    struct arena *arena;
    struct compilation *site; /* the site of the current folder; NULL: not read yet */
    enum diag_code codes[DIAG_CODES];
    const struct own_rule *own[DIAG_CODES]; /* a rule of the site in place of the code, or NULL */
    size_t count;
};

/* Adds the code or the rule of the site; false: there is none of that name, which is reported. */
static bool explain_add(struct explaining *explaining, const char *text)
{
    static const struct options here = {0};
    size_t at = explaining->count++;
    if (diag_code_called(text, &explaining->codes[at])) return true;
    if (!explaining->site) explaining->site = site_rules_open(&here, NULL);
    const struct own_rules *own = judge_own(compilation_judge(explaining->site));
    explaining->own[at] = own_rule_named(own, text, strlen(text));
    return explaining->own[at] ||
           explain_refuse(text, explaining->codes[at], own_rule_near(compilation_program(explaining->site), text));
}

/* Finds the codes that are named, or takes all; false where a name is no code, which is reported. */
static bool explain_find_codes(const struct options *options, struct explaining *explaining)
{
    for (int i = 0; options->path_count == 0 && i < DIAG_CODES; i++)
        explaining->codes[explaining->count++] = (enum diag_code)i;
    for (size_t i = 0; i < options->path_count && explaining->count < DIAG_CODES; i++)
        if (!explain_add(explaining, options->paths[i])) return false;
    return true;
}

static void explain_tell(const struct explaining *explaining, size_t i, bool list)
{
    const struct program *program = explaining->site ? compilation_program(explaining->site) : NULL;
    enum diag_code code = explaining->codes[i];
    if (list) {
        printf("%s  %s\n", diag_code_text(code), explain_title(explaining->arena, code));
        return;
    }
    if (i > 0) putchar('\n');
    if (explaining->own[i])
        print_own(explaining->arena, program, explaining->own[i]);
    else
        print_code(explaining->arena, code);
}

enum exit_code cli_explain(const struct options *options)
{
    static struct explaining explaining;
    explaining = (struct explaining){.arena = arena_new()};
    bool good = explain_find_codes(options, &explaining), json = strcmp(options->format, "json") == 0;
    json_t *all = json_array();
    for (size_t i = 0; good && i < explaining.count; i++) {
        const struct own_rule *own = explaining.own[i];
        if (!json)
            explain_tell(&explaining, i, options->path_count == 0);
        else if (own)
            json_array_append_new(all, own_json(explaining.arena, compilation_program(explaining.site), own));
        else
            json_array_append_new(all, explain_code_json(explaining.arena, explaining.codes[i]));
    }
    if (good && json) {
        json_dumpf(all, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    json_decref(all);
    compilation_free(explaining.site);
    arena_free(explaining.arena);
    return good ? EXIT_GOOD : EXIT_USAGE;
}
