/* compiler/report.c - Diagnostics for machines. SARIF is OASIS's of 2020-03-27 (2.1.0, errata 01). */
#include "compiler/report.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/diag.h"
#include "compiler/explain.h"
#include "config.h"

struct place {
    const char *path; /* NULL: nowhere */
    uint32_t line, column, end_line, end_column;
};

static struct place place_of(const struct diags *diags, struct span span)
{
    struct position begin = source_set_position(diags_sources(diags), span.begin);
    struct position end = source_set_position(diags_sources(diags), span.end);
    if (!begin.source) return (struct place){0};
    if (end.source != begin.source) end = begin;
    return (struct place){begin.source->path, begin.line, begin.column, end.line, end.column};
}

/* A text of JSON; bytes that are not UTF-8 are replaced. */
static json_t *text(const char *bytes)
{
    size_t length = strlen(bytes), good = utf8_check(bytes, length);
    if (good == length) return json_string(bytes);
    char *whole = malloc(3 * length + 1), *to = whole;
    if (!whole) abort();
    while (length > 0) {
        good = utf8_check(bytes, length);
        memcpy(to, bytes, good);
        to += good;
        bytes += good;
        length -= good;
        if (length == 0) break;
        memcpy(to, "\xEF\xBF\xBD", 3);
        to += 3;
        bytes++;
        length--;
    }
    *to = '\0';
    json_t *string = json_string(whole);
    free(whole);
    return string;
}

static void set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) abort();
}

static json_t *append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) abort();
    return value;
}

static const char *severity_word(const struct diag *diag)
{
    return diag_code_severity(diag->code) == ERROR ? "error" : "warning";
}

/* What is said of it in one sentence: with the hint, which a person sees behind the caret. */
static char *whole_message(const struct diag *diag)
{
    size_t room = strlen(diag->text) + (diag->hint ? strlen(diag->hint) : 0) + 3;
    char *whole = malloc(room);
    if (!whole) abort();
    snprintf(whole, room, "%s%s%s", diag->text, diag->hint ? "; " : "", diag->hint ? diag->hint : "");
    return whole;
}

/* ---- JSON ---- */

static void set_place(json_t *object, struct place place)
{
    if (!place.path) return;
    set(object, "file", text(place.path));
    set(object, "line", json_integer(place.line));
    set(object, "column", json_integer(place.column));
    set(object, "end_line", json_integer(place.end_line));
    set(object, "end_column", json_integer(place.end_column));
}

static json_t *json_of(const struct diags *diags, const struct diag *diag)
{
    json_t *object = json_object();
    set(object, "code", json_string(diag_code_text(diag->code)));
    set(object, "severity", json_string(severity_word(diag)));
    set_place(object, place_of(diags, diag->span));
    set(object, "message", text(diag->text));
    if (diag->hint) set(object, "hint", text(diag->hint));
    if (diag->first_note) {
        json_t *notes = json_array();
        for (const struct diag_note *note = diag->first_note; note; note = note->next) {
            json_t *one = append(notes, json_object());
            set_place(one, place_of(diags, note->span));
            set(one, "message", text(note->text));
        }
        set(object, "notes", notes);
    }
    if (diag->first_edit) {
        json_t *fix = json_array();
        for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
            json_t *one = append(fix, json_object());
            set_place(one, place_of(diags, edit->span));
            set(one, "text", text(edit->text));
        }
        set(object, "fix", fix);
    }
    return object;
}

static json_t *json_report(const struct diags *diags, struct diag *const *sorted, size_t count, size_t errors)
{
    json_t *list = json_array(), *whole = json_object();
    for (size_t i = 0; i < count && i < REPORT_LIMIT; i++) append(list, json_of(diags, sorted[i]));
    set(whole, "diagnostics", list);
    set(whole, "errors", json_integer((json_int_t)errors));
    set(whole, "warnings", json_integer((json_int_t)(count - errors)));
    return whole;
}

/* ---- SARIF ---- */

/* A path as a URI reference (RFC 3986): relative to where gcxc runs, or file:///. */
static json_t *uri(const char *path)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";
    char *whole = malloc(3 * strlen(path) + sizeof "file://"), *to = whole;
    if (!whole) abort();
    while (strncmp(path, "./", 2) == 0) path += 2;
    if (*path == '/') to += sprintf(to, "file://");
    for (; *path; path++)
        to += strchr(plain, *path) ? sprintf(to, "%c", *path) : sprintf(to, "%%%02X", (unsigned char)*path);
    *to = '\0';
    json_t *string = json_string(whole);
    free(whole);
    return string;
}

static json_t *message(const char *of)
{
    json_t *object = json_object();
    set(object, "text", text(of));
    return object;
}

static json_t *region(struct place place)
{
    json_t *object = json_object();
    set(object, "startLine", json_integer(place.line));
    set(object, "startColumn", json_integer(place.column));
    set(object, "endLine", json_integer(place.end_line));
    set(object, "endColumn", json_integer(place.end_column));
    return object;
}

static json_t *artifact(const char *path)
{
    json_t *object = json_object();
    set(object, "uri", uri(path));
    return object;
}

static json_t *location(struct place place, const char *remark)
{
    json_t *object = json_object(), *physical = json_object();
    set(physical, "artifactLocation", artifact(place.path));
    set(physical, "region", region(place));
    set(object, "physicalLocation", physical);
    if (remark) set(object, "message", message(remark));
    return object;
}

/* All edits of one diagnostic are of one file. */
static json_t *fixes(const struct diags *diags, const struct diag *diag)
{
    json_t *array = json_array(), *fix = append(array, json_object()), *changes = json_array();
    json_t *change = append(changes, json_object()), *replacements = json_array();
    set(fix, "description", message("what gcxc lint --fix would write"));
    set(fix, "artifactChanges", changes);
    set(change, "artifactLocation", artifact(place_of(diags, diag->first_edit->span).path));
    set(change, "replacements", replacements);
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        json_t *replacement = append(replacements, json_object());
        set(replacement, "deletedRegion", region(place_of(diags, edit->span)));
        set(replacement, "insertedContent", message(edit->text));
    }
    return array;
}

static json_t *result(const struct diags *diags, const struct diag *diag, int rule)
{
    json_t *object = json_object();
    char *whole = whole_message(diag);
    struct place place = place_of(diags, diag->span);
    set(object, "ruleId", json_string(diag_code_text(diag->code)));
    set(object, "ruleIndex", json_integer(rule));
    set(object, "level", json_string(severity_word(diag)));
    set(object, "message", message(whole));
    free(whole);
    if (place.path) {
        json_t *locations = json_array();
        append(locations, location(place, NULL));
        set(object, "locations", locations);
    }
    json_t *related = json_array();
    for (const struct diag_note *note = diag->first_note; note; note = note->next) {
        struct place there = place_of(diags, note->span);
        if (there.path) append(related, location(there, note->text));
    }
    if (json_array_size(related) > 0)
        set(object, "relatedLocations", related);
    else
        json_decref(related);
    if (diag->first_edit) set(object, "fixes", fixes(diags, diag));
    return object;
}

static json_t *rule(struct arena *arena, enum diag_code code)
{
    json_t *object = json_object(), *configuration = json_object();
    const struct explanation *explanation = explain_code(code);
    set(object, "id", json_string(diag_code_text(code)));
    set(object, "name", json_string(diag_code_name(code)));
    set(object, "shortDescription", message(explain_title(arena, code)));
    if (explanation) {
        set(object, "fullDescription", message(explanation->what));
        set(object, "help", message(explanation->mend));
    }
    set(configuration, "level", json_string(diag_code_severity(code) == ERROR ? "error" : "warning"));
    set(object, "defaultConfiguration", configuration);
    return object;
}

static json_t *sarif_report(const struct diags *diags, struct diag *const *sorted, size_t count)
{
    json_t *whole = json_object(), *runs = json_array(), *run = append(runs, json_object());
    json_t *tool = json_object(), *driver = json_object(), *rules = json_array(), *results = json_array();
    int numbers[DIAG_CODES], known = 0;
    for (int i = 0; i < DIAG_CODES; i++) numbers[i] = -1;
    set(whole, "$schema", json_string("https://json.schemastore.org/sarif-2.1.0.json"));
    set(whole, "version", json_string("2.1.0"));
    set(whole, "runs", runs);
    set(run, "tool", tool);
    set(tool, "driver", driver);
    set(driver, "name", json_string("gcxc"));
    set(driver, "semanticVersion", json_string(PACKAGE_VERSION));
    set(driver, "rules", rules);
    set(run, "columnKind", json_string("unicodeCodePoints"));
    set(run, "results", results);
    for (size_t i = 0; i < count && i < REPORT_LIMIT; i++) {
        int *number = &numbers[sorted[i]->code];
        if (*number < 0) {
            *number = known++;
            append(rules, rule(diags_arena(diags), sorted[i]->code));
        }
        append(results, result(diags, sorted[i], *number));
    }
    return whole;
}

/* ---- GitHub ---- */

/* What the runner takes as its own is written as %XX: in data a line's end and %, in a property also : and , */
static void github_text(FILE *out, const char *bytes, bool property)
{
    for (; *bytes; bytes++) {
        unsigned char c = (unsigned char)*bytes;
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            fprintf(out, "%%%02X", c);
        else
            fputc(c, out);
    }
}

static void github_one(FILE *out, const struct diags *diags, const struct diag *diag)
{
    struct place place = place_of(diags, diag->span);
    char *whole = whole_message(diag);
    fprintf(out, "::%s ", severity_word(diag));
    if (place.path) {
        fputs("file=", out);
        github_text(out, place.path, true);
        fprintf(out, ",line=%u,endLine=%u", place.line, place.end_line);
        /* GitHub takes columns only where the line is one; its last column is one of the text. */
        if (place.line == place.end_line)
            fprintf(out, ",col=%u,endColumn=%u", place.column,
                    place.end_column > place.column ? place.end_column - 1 : place.column);
        fputc(',', out);
    }
    fprintf(out, "title=%s::", diag_code_text(diag->code));
    github_text(out, whole, false);
    fputc('\n', out);
    free(whole);
}

/* ---- */

enum report_format report_format_named(const char *name)
{
    static const char *const names[] = {"text", "json", "sarif", "github"};
    for (int i = 0; i < 4; i++)
        if (strcmp(name, names[i]) == 0) return (enum report_format)i;
    assert(false && "a format that the command line has let through");
    return REPORT_TEXT;
}

size_t report_write(struct diags *diags, FILE *out, enum report_format format)
{
    if (format == REPORT_TEXT) return diags_print(diags, out, DIAGS_SHOWN);
    size_t count, errors = 0;
    struct diag **sorted = diags_sorted(diags, &count);
    for (size_t i = 0; i < count; i++) errors += diag_code_severity(sorted[i]->code) == ERROR;
    if (format == REPORT_GITHUB) {
        for (size_t i = 0; i < count && i < REPORT_LIMIT; i++) github_one(out, diags, sorted[i]);
        return errors;
    }
    json_t *whole =
        format == REPORT_JSON ? json_report(diags, sorted, count, errors) : sarif_report(diags, sorted, count);
    json_dumpf(whole, out, JSON_INDENT(2));
    fputc('\n', out);
    json_decref(whole);
    return errors;
}
