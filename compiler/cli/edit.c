/* compiler/cli/edit.c - gcxc edit: changes one statement of a file, as a person does who sees the diagram.
 *
 *     gcxc edit FILE --at 12                      says what can be changed there
 *     gcxc edit FILE --at 12 --set timeout=2m     prints the new text of the file, in the one style
 *
 * The file itself is not written. A change is refused if the program has an error with it: the text is then not
 * printed. */
#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/shown.h"
#include "compiler/cli/command.h"
#include "compiler/cli/sites.h"
#include "compiler/compilation.h"
#include "compiler/format/format.h"
#include "compiler/syntax/program.h"
#include "compiler/view/changeable.h"

enum { EDIT_CHANGES_MAX = OPTION_TEXTS + 2 }; /* each --set makes one change, --insert two */

struct edit_change { /* the bytes from `begin` to `end` become this text; the text is owned */
    uint32_t begin, end;
    char *text;
};

struct editing {
    const struct options *options;
    const struct source *source;
    struct changeable at;
    struct edit_change changes[EDIT_CHANGES_MAX];
    size_t count;
    const char *path; /* as the compiler reads the file */
    char *text;       /* the new text; owned */
    size_t length;
};

/* ---- the place ---- */

/* Returns the place of a line and a column; 0, with the reason printed, where the source has none. */
static uint32_t edit_place(const struct source *source, const char *written)
{
    char *end = NULL;
    bool digits = written && *written >= '0' && *written <= '9';
    unsigned long line = digits ? strtoul(written, &end, 10) : 0, column = 0;
    size_t length;
    if (line > 0 && *end == ':' && end[1] >= '1' && end[1] <= '9') column = strtoul(end + 1, &end, 10);
    if (line == 0 || *end) {
        fputs("gcxc: edit needs --at LINE, or --at LINE:COLUMN, both from 1; see gcxc edit --help\n", stderr);
        return 0;
    }
    if (line > source->line_count) {
        shown_print(stderr, "gcxc: %s has no line %lu\n", source->path, line);
        return 0;
    }
    const char *text = source_line(source, (uint32_t)line, &length);
    size_t at = 0;
    if (column == 0)
        at = strspn(text, " \t");
    else
        while (--column > 0 && at < length) do
                at++;
            while (at < length && ((unsigned char)text[at] & 0xC0) == 0x80);
    return source->base + (uint32_t)(text - source->text) + (uint32_t)at;
}

/* ---- what can be changed ---- */

static json_t *edit_piece(const struct editing *editing, struct source_span span)
{
    const struct source *source = editing->source;
    return json_stringn(source->text + (span.begin - source->base), span.end - span.begin);
}

static json_t *edit_value(const struct editing *editing, const struct changeable_value *value)
{
    char *name = value->number == 1 ? memory_text(value->word) : memory_format("%s.%u", value->word, value->number);
    json_t *row = json_pack("{s:s, s:o, s:b}", "name", name, "value", edit_piece(editing, value->value), "may_go",
                            value->whole.end > value->whole.begin);
    free(name);
    return row;
}

/* Says which values the statement has, and which clauses it could have. */
static void edit_tell(const struct program *program, const struct editing *editing)
{
    const struct changeable *at = &editing->at;
    struct position first = source_set_position(program->sources, at->statement->span.begin);
    json_t *values = json_array(), *more = json_array();
    for (size_t i = 0; i < at->count; i++) json_array_append_new(values, edit_value(editing, &at->values[i]));
    for (int which = 0; which <= CLAUSES; which++) {
        const char *word = which < CLAUSES ? ast_clause_word((enum clause)which) : "else";
        if (!changeable_named(at, word) && changeable_room(at, word)) json_array_append_new(more, json_string(word));
    }
    if (strcmp(editing->options->format, "json") == 0) {
        json_t *all = json_pack("{s:I, s:o, s:o, s:o}", "line", (json_int_t)first.line, "statement",
                                edit_piece(editing, at->statement->span), "values", values, "more", more);
        json_dumpf(all, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(all);
        return;
    }
    size_t i;
    json_t *row;
    json_array_foreach(values, i, row) shown_print(stdout, "%s=%s\n", json_string_value(json_object_get(row, "name")),
                                                   json_string_value(json_object_get(row, "value")));
    json_decref(values);
    json_decref(more);
}

/* ---- the change ---- */

static void edit_note(struct editing *editing, uint32_t begin, uint32_t end, char *text)
{
    assert(editing->count < EDIT_CHANGES_MAX);
    editing->changes[editing->count++] = (struct edit_change){begin, end, text};
}

/* Notes one WORD=VALUE of --set; false, with the reason printed. */
static bool edit_set(struct editing *editing, const char *written)
{
    const char *sign = strchr(written, '=');
    if (!sign || sign == written) return shown_refuse("gcxc: --set takes WORD=VALUE, and not '%s'\n", written);
    char *word = memory_text(written);
    word[sign - written] = '\0';
    const char *text = sign + 1;
    const struct changeable_value *value = changeable_named(&editing->at, word);
    uint32_t room = value ? 0 : changeable_room(&editing->at, word);
    bool good = true;
    if (value && *text)
        edit_note(editing, value->value.begin, value->value.end, memory_text(text));
    else if (value && value->whole.end > value->whole.begin)
        edit_note(editing, value->whole.begin, value->whole.end, memory_text(""));
    else if (room && *text)
        edit_note(editing, room, room, memory_format(" %s %s", word, text));
    else if (value)
        good = shown_refuse("gcxc: the statement needs a value of '%s'\n", word);
    else
        good = shown_refuse("gcxc: the statement has no '%s'; without --set gcxc edit says what it has\n", word);
    free(word);
    return good;
}

/* Returns the place behind the statement and its semicolon. */
static uint32_t edit_behind(const struct editing *editing)
{
    const struct source *source = editing->source;
    uint32_t end = editing->at.statement->span.end - source->base, next = end;
    while (next < source->length && strchr(" \t\r\n", source->text[next])) next++;
    return source->base + (next < source->length && source->text[next] == ';' ? next + 1 : end);
}

static const char *edit_semicolon(const char *statement)
{
    size_t length = strlen(statement);
    while (length > 0 && strchr(" \t\r\n", statement[length - 1])) length--;
    return length > 0 && (statement[length - 1] == ';' || statement[length - 1] == '}') ? "" : ";";
}

static void edit_insert(struct editing *editing, const char *statement)
{
    uint32_t behind = edit_behind(editing);
    bool alone = editing->at.alone;
    if (alone)
        edit_note(editing, editing->at.statement->span.begin, editing->at.statement->span.begin, memory_text("{ "));
    edit_note(editing, behind, behind,
              memory_format("\n%s%s%s", statement, edit_semicolon(statement), alone ? " }" : ""));
}

static int edit_by_place(const void *left, const void *right)
{
    const struct edit_change *a = left, *b = right;
    return (a->begin > b->begin) - (a->begin < b->begin);
}

/* Makes the new text, in the style; false, with the reason printed: it is no text of the language, or two changes are
 * of the same place. */
static bool edit_make(struct editing *editing)
{
    const struct source *source = editing->source;
    char *text = NULL;
    size_t length = 0;
    uint32_t at = source->base;
    bool twice = false;
    FILE *out = memory_stream(&text, &length);
    qsort(editing->changes, editing->count, sizeof *editing->changes, edit_by_place);
    for (size_t i = 0; i < editing->count; i++) {
        const struct edit_change *change = &editing->changes[i];
        twice = twice || change->begin < at;
        if (change->begin > at) fwrite(source->text + (at - source->base), 1, change->begin - at, out);
        fputs(change->text, out);
        if (change->end > at) at = change->end;
    }
    fwrite(source->text + (at - source->base), 1, source->base + source->length - at, out);
    fclose(out);
    if (twice)
        fputs("gcxc: the same value is set twice; say each --set once\n", stderr);
    else
        editing->text = format_text(source->path, text, length, &editing->length, stderr);
    free(text);
    return editing->text != NULL;
}

static const char *edit_overlay(void *self, const char *path, size_t *length)
{
    const struct editing *editing = self;
    if (strcmp(path, editing->path) != 0) return NULL;
    *length = editing->length;
    return editing->text;
}

/* Is the program without errors with the new text? The errors are printed. */
static bool edit_compiles(struct editing *editing, const struct site_files *files)
{
    const struct source_overlay overlay = {editing, edit_overlay};
    const struct compile_options how = {
        .site = editing->options->site, .check_only = true, .overlay = &overlay, .named = files->named};
    struct compilation *after = compiler_compile((const char *const *)files->paths, files->count, &how);
    bool good = compilation_errors(after) == 0;
    if (!good) compilation_print(after, stderr);
    compilation_free(after);
    return good;
}

static bool edit_apply(struct editing *editing, const struct site_files *files)
{
    const struct options *options = editing->options;
    bool good = true;
    for (size_t i = 0; i < options->set.count && good; i++) good = edit_set(editing, options->set.of[i]);
    if (good && options->remove)
        edit_note(editing, editing->at.statement->span.begin, edit_behind(editing), memory_text(""));
    if (good && options->insert) edit_insert(editing, options->insert);
    good = good && edit_make(editing) && edit_compiles(editing, files);
    if (good && strcmp(options->format, "json") == 0) {
        json_t *all = json_pack("{s:o}", "text", json_stringn(editing->text, editing->length));
        json_dumpf(all, stdout, 0);
        putchar('\n');
        json_decref(all);
    } else if (good) {
        fwrite(editing->text, 1, editing->length, stdout);
    }
    for (size_t i = 0; i < editing->count; i++) free(editing->changes[i].text);
    free(editing->text);
    return good;
}

/* A program with errors can be changed, too: its text may become better. */
static bool edit_file(const struct options *options, const struct site_files *files)
{
    const struct compile_options how = {
        .site = options->site, .check_only = true, .named = files->named, .understand = true};
    struct compilation *before = compiler_compile((const char *const *)files->paths, files->count, &how);
    struct program *program = compilation_program(before);
    struct editing editing = {.options = options, .path = files->paths[0]};
    editing.source = source_set_find(program->sources, files->paths[0]);
    uint32_t place = 0;
    bool good = false;
    if (!editing.source)
        compilation_print(before, stderr);
    else
        place = edit_place(editing.source, options->place);
    if (place && !changeable_find(program, place, &editing.at))
        shown_print(stderr, "gcxc: no statement of a strategy is at %s:%s\n", files->paths[0], options->place);
    else if (place && !options->set.count && !options->insert && !options->remove) {
        edit_tell(program, &editing);
        good = true;
    } else if (place) {
        good = edit_apply(&editing, files);
    }
    compilation_free(before);
    return good;
}

enum exit_code cli_edit(const struct options *options)
{
    if (options->remove && (options->set.count > 0 || options->insert)) {
        fputs("gcxc: edit takes --remove alone, without --set and --insert; see gcxc edit --help\n", stderr);
        return EXIT_USAGE;
    }
    if (options->path_count != 1) {
        fputs("gcxc: edit takes one file; see gcxc --help\n", stderr);
        return EXIT_USAGE;
    }
    struct sites sites = sites_named(options);
    const struct site_files *files = sites_one(&sites);
    bool good = files && edit_file(options, files);
    sites_close(&sites);
    return good ? EXIT_GOOD : EXIT_PROBLEMS;
}
