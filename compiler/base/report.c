/* compiler/base/report.c - Writes diagnostics for machines. The SARIF is that of OASIS of 2020-03-27 (2.1.0, errata
 * 01).
 *
 * JSON is for editors and users' own scripts, SARIF for code-scanning services; both are made from the same
 * diagnostics as the text. Places are lines and columns from 1, columns in characters. Messages may quote sources:
 * bytes that are not UTF-8 are replaced, since a single such byte would make a whole report unreadable. */
#include "compiler/base/report.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/base/diag.h"
#include "compiler/base/explain.h"
#include "config.h"
#include "base/memory.h"
#include "base/shown.h"

struct reported_place {
    const char *path; /* NULL: nowhere */
    uint32_t line, column, end_line, end_column;
};

static struct reported_place report_place(const struct diags *diags, struct source_span span)
{
    struct position begin = source_set_position(diags_sources(diags), span.begin);
    struct position end = source_set_position(diags_sources(diags), span.end);
    if (!begin.source) return (struct reported_place){0};
    if (end.source != begin.source) end = begin;
    return (struct reported_place){begin.source->path, begin.line, begin.column, end.line, end.column};
}

/* Makes a JSON string of a text; bytes that are not UTF-8 are replaced. */
static json_t *report_text(const char *bytes)
{
    size_t length = strlen(bytes), good = source_utf8_check(bytes, length);
    if (good == length) return json_string(bytes);
    char *whole = malloc(3 * length + 1), *to = whole;
    if (!whole) abort();
    while (length > 0) {
        good = source_utf8_check(bytes, length);
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

static void report_set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0) abort();
}

static json_t *report_append(json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0) abort();
    return value;
}

static const char *sarif_level(const struct diag *diag)
{
    return diag_severity_text(diag->severity);
}

/* Returns the message in one sentence, with the hint that the text output prints after the caret. */
static char *whole_message(const struct diag *diag)
{
    size_t room = strlen(diag->text) + (diag->hint ? strlen(diag->hint) : 0) + 3;
    char *whole = memory_grown(NULL, room, 1);
    snprintf(whole, room, "%s%s%s", diag->text, diag->hint ? "; " : "", diag->hint ? diag->hint : "");
    return whole;
}

struct report {
    enum report_format format;
    FILE *out;
    json_t *list; /* the diagnostics; SARIF's results */
    json_t *rules, *notifications, *fingerprints;
    json_t *own;      /* by the name of a site's own rule: its index in `rules` */
    const char *help; /* the beginning of the address of a rule's explanation, or NULL */
    FILE *cases;      /* JUnit's test cases, until their number is known */
    char *text;
    size_t text_length, failures;
    int numbers[DIAG_CODES], known; /* for each code the index of its rule in the report; -1: not written yet */
    size_t told, errors, warnings;
};

/* ---- JSON ---- */

static void set_place(json_t *object, struct reported_place place)
{
    if (!place.path) return;
    report_set(object, "file", report_text(place.path));
    report_set(object, "line", json_integer(place.line));
    report_set(object, "column", json_integer(place.column));
    report_set(object, "end_line", json_integer(place.end_line));
    report_set(object, "end_column", json_integer(place.end_column));
}

static json_t *report_diag(const struct diags *diags, const struct diag *diag)
{
    json_t *object = json_object();
    report_set(object, "code", report_text(diag_called(diag)));
    report_set(object, "severity", json_string(sarif_level(diag)));
    set_place(object, report_place(diags, diag->span));
    report_set(object, "message", report_text(diag->text));
    if (diag->hint) report_set(object, "hint", report_text(diag->hint));
    if (diag->first_note) {
        json_t *notes = json_array();
        for (const struct diag_note *note = diag->first_note; note; note = note->next) {
            json_t *one = report_append(notes, json_object());
            set_place(one, report_place(diags, note->span));
            report_set(one, "message", report_text(note->text));
        }
        report_set(object, "notes", notes);
    }
    if (diag->first_edit) {
        json_t *fix = json_array();
        for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
            json_t *one = report_append(fix, json_object());
            set_place(one, report_place(diags, edit->span));
            report_set(one, "text", report_text(edit->text));
        }
        report_set(object, "fix", fix);
    }
    return object;
}

/* ---- Fingerprints ---- */

static uint64_t fingerprint_bytes(uint64_t hash, const char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(0x100000001b3); /* FNV-1a */
    return hash;
}

/* Adds the words of a line, whatever spaces are between them. */
static uint64_t fingerprint_words(uint64_t hash, const char *line, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!strchr(" \t\r", line[i])) hash = fingerprint_bytes(hash, line + i, 1);
    return hash;
}

/* Writes what a finding is known by from one run to the next: its code, its file, the words of its line, and its number
 * among those that have all this in common. A finding that moves to another line keeps it. */
static void report_fingerprint(json_t *counts, const struct diags *diags, const struct diag *diag, char text[32])
{
    struct position at = source_set_position(diags_sources(diags), diag->span.begin);
    const char *code = diag_called(diag), *path = at.source ? at.source->path : "";
    while (strncmp(path, "./", 2) == 0) path += 2;
    uint64_t hash = fingerprint_bytes(UINT64_C(0xcbf29ce484222325), code, strlen(code) + 1);
    hash = fingerprint_bytes(hash, path, strlen(path) + 1);
    size_t length = 0;
    const char *line = at.source ? source_line(at.source, at.line, &length) : "";
    hash = at.source ? fingerprint_words(hash, line, length) : fingerprint_bytes(hash, diag->text, strlen(diag->text));
    snprintf(text, 32, "%016" PRIx64, hash);
    json_int_t before = json_integer_value(json_object_get(counts, text));
    report_set(counts, text, json_integer(before + 1));
    snprintf(text + 16, 16, "-%d", (int)before);
}

/* ---- SARIF ---- */

/* Returns a path as a URI reference (RFC 3986): relative to the folder in which gcxc runs, or file:///. */
static json_t *report_uri(const char *path)
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

static json_t *sarif_message(const char *of)
{
    json_t *object = json_object();
    report_set(object, "text", report_text(of));
    return object;
}

static json_t *report_region(struct reported_place place)
{
    json_t *object = json_object();
    report_set(object, "startLine", json_integer(place.line));
    report_set(object, "startColumn", json_integer(place.column));
    report_set(object, "endLine", json_integer(place.end_line));
    report_set(object, "endColumn", json_integer(place.end_column));
    return object;
}

static json_t *report_artifact(const char *path)
{
    json_t *object = json_object();
    report_set(object, "uri", report_uri(path));
    return object;
}

static json_t *report_location(struct reported_place place, const char *remark)
{
    json_t *object = json_object(), *physical = json_object();
    report_set(physical, "artifactLocation", report_artifact(place.path));
    report_set(physical, "region", report_region(place));
    report_set(object, "physicalLocation", physical);
    if (remark) report_set(object, "message", sarif_message(remark));
    return object;
}

/* All edits of one diagnostic are in one file. */
static json_t *report_fixes(const struct diags *diags, const struct diag *diag)
{
    json_t *array = json_array(), *fix = report_append(array, json_object()), *changes = json_array();
    json_t *change = report_append(changes, json_object()), *replacements = json_array();
    report_set(fix, "description", sarif_message("what gcxc lint --fix would write"));
    report_set(fix, "artifactChanges", changes);
    report_set(change, "artifactLocation", report_artifact(report_place(diags, diag->first_edit->span).path));
    report_set(change, "replacements", replacements);
    for (const struct diag_edit *edit = diag->first_edit; edit; edit = edit->next) {
        json_t *replacement = report_append(replacements, json_object());
        report_set(replacement, "deletedRegion", report_region(report_place(diags, edit->span)));
        report_set(replacement, "insertedContent", sarif_message(edit->text));
    }
    return array;
}

static json_t *sarif_result(json_t *counts, const struct diags *diags, const struct diag *diag, int rule)
{
    json_t *object = json_object();
    char *whole = whole_message(diag);
    struct reported_place place = report_place(diags, diag->span);
    report_set(object, "ruleId", report_text(diag_called(diag)));
    report_set(object, "ruleIndex", json_integer(rule));
    report_set(object, "level", json_string(sarif_level(diag)));
    report_set(object, "message", sarif_message(whole));
    free(whole);
    json_t *locations = json_array();
    report_append(locations, report_location(place, NULL));
    report_set(object, "locations", locations);
    json_t *related = json_array();
    for (const struct diag_note *note = diag->first_note; note; note = note->next) {
        struct reported_place there = report_place(diags, note->span);
        if (there.path) report_append(related, report_location(there, note->text));
    }
    if (json_array_size(related) > 0)
        report_set(object, "relatedLocations", related);
    else
        json_decref(related);
    if (diag->first_edit) report_set(object, "fixes", report_fixes(diags, diag));
    char fingerprint[32];
    json_t *fingerprints = json_object();
    report_fingerprint(counts, diags, diag, fingerprint);
    report_set(fingerprints, "gcxcLine/v1", json_string(fingerprint));
    report_set(object, "partialFingerprints", fingerprints);
    return object;
}

/* A diagnostic without a place, such as a missing file, becomes a notification: GitHub refuses a report with a
 * result that has no location. */
static json_t *report_notification(const struct diag *diag)
{
    json_t *object = json_object(), *descriptor = json_object();
    char *whole = whole_message(diag);
    report_set(descriptor, "id", json_string(diag_code_text(diag->code)));
    report_set(object, "descriptor", descriptor);
    report_set(object, "level", json_string(sarif_level(diag)));
    report_set(object, "message", sarif_message(whole));
    free(whole);
    return object;
}

static json_t *report_invocations(json_t *notifications)
{
    json_t *array = json_array(), *invocation = report_append(array, json_object());
    report_set(invocation, "executionSuccessful", json_boolean(json_array_size(notifications) == 0));
    report_set(invocation, "toolExecutionNotifications", notifications);
    return array;
}

static json_t *report_rule(struct arena *arena, enum diag_code code, const char *help)
{
    json_t *object = json_object(), *configuration = json_object();
    const struct explanation *explanation = explain_code(code);
    report_set(object, "id", json_string(diag_code_text(code)));
    report_set(object, "name", json_string(diag_code_name(code)));
    report_set(object, "shortDescription", sarif_message(explain_title(arena, code)));
    if (explanation) {
        report_set(object, "fullDescription", sarif_message(explanation->what));
        report_set(object, "help", sarif_message(explanation->mend));
    }
    if (help) report_set(object, "helpUri", report_text(arena_printf(arena, "%s%s", help, diag_code_text(code))));
    report_set(configuration, "level", json_string(diag_code_severity(code) == ERROR ? "error" : "warning"));
    report_set(object, "defaultConfiguration", configuration);
    return object;
}

/* Returns a rule that the site declares, with its title and its documentation. */
static json_t *report_own_rule(const struct diag *diag, const char *help)
{
    json_t *object = json_object();
    report_set(object, "id", report_text(diag->own->name));
    report_set(object, "shortDescription", sarif_message(diag->own->title));
    if (diag->own->doc) report_set(object, "fullDescription", sarif_message(diag->own->doc));
    if (help) {
        char *whole = memory_grown(NULL, strlen(help) + 16, 1);
        snprintf(whole, strlen(help) + 16, "%s%s", help, diag_code_text(diag->code));
        report_set(object, "helpUri", report_text(whole));
        free(whole);
    }
    return object;
}

static json_t *report_driver(json_t *rules)
{
    json_t *object = json_object();
    report_set(object, "name", json_string("gcxc"));
    report_set(object, "semanticVersion", json_string(PACKAGE_VERSION));
    report_set(object, "rules", rules);
    return object;
}

/* ---- GitLab ---- */

/* GitLab drops a finding without a place, so such a finding gets the folder and line 1 as its place. */
static json_t *gitlab_one(json_t *counts, const struct diags *diags, const struct diag *diag)
{
    static const char *const severities[] = {[ERROR] = "major", [WARNING] = "minor", [NOTE] = "info"};
    struct reported_place place = report_place(diags, diag->span);
    const char *path = place.path ? place.path : ".";
    json_t *object = json_object(), *location = json_object(), *lines = json_object();
    char *whole = whole_message(diag), fingerprint[32];
    report_fingerprint(counts, diags, diag, fingerprint);
    while (strncmp(path, "./", 2) == 0) path += 2;
    report_set(object, "description", report_text(whole));
    report_set(object, "check_name", report_text(diag_called(diag)));
    report_set(object, "fingerprint", json_string(fingerprint));
    report_set(object, "severity", json_string(severities[diag->severity]));
    report_set(lines, "begin", json_integer(place.path ? place.line : 1));
    report_set(location, "path", report_text(path));
    report_set(location, "lines", lines);
    report_set(object, "location", location);
    free(whole);
    return object;
}

/* ---- JUnit ---- */

static void junit_text(FILE *out, const char *bytes)
{
    char shown[SHOWN_MAX];
    unsigned length;
    for (size_t left = strlen(bytes); left > 0; bytes += length, left -= length) {
        shown_next((const uint8_t *)bytes, left, &length, shown);
        const char *escaped = *bytes == '&'   ? "&amp;"
                              : *bytes == '<' ? "&lt;"
                              : *bytes == '>' ? "&gt;" /* "]]>" is not allowed in a text */
                              : *bytes == '"' ? "&quot;"
                                              : shown;
        fputs(escaped, out);
    }
}

/* Writes a finding as a failed test, and a note as a passed test with the note's text. */
static void junit_one(FILE *out, const struct diags *diags, const struct diag *diag)
{
    struct reported_place place = report_place(diags, diag->span);
    char *whole = whole_message(diag);
    bool note = diag->severity == NOTE;
    fputs("  <testcase classname=\"", out);
    junit_text(out, place.path ? place.path : "gcxc");
    fputs("\" name=\"", out);
    junit_text(out, diag_called(diag));
    if (place.path) fprintf(out, ", line %u, column %u", place.line, place.column);
    fputs(note ? "\"><system-out>" : "\"><failure message=\"", out);
    junit_text(out, whole);
    fprintf(out, note ? "</system-out></testcase>\n" : "\" type=\"%s\"/></testcase>\n",
            diag_severity_text(diag->severity));
    free(whole);
}

static void junit_whole(const struct report *report)
{
    size_t tests = report->told > REPORT_LIMIT ? REPORT_LIMIT : report->told;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", report->out);
    fprintf(report->out, "<testsuite name=\"gcxc\" tests=\"%zu\" failures=\"%zu\">\n", tests > 0 ? tests : 1,
            report->failures);
    if (tests == 0) fputs("  <testcase classname=\"gcxc\" name=\"nothing is found\"/>\n", report->out);
    fwrite(report->text, 1, report->text_length, report->out);
    fputs("</testsuite>\n", report->out);
}

/* ---- GitHub ---- */

/* Writes a text for GitHub's runner, its special characters as %XX: line ends and % in data, also : and , in a
 * property. */
static void github_text(FILE *out, const char *bytes, bool property)
{
    char shown[SHOWN_MAX];
    unsigned length;
    for (size_t left = strlen(bytes); left > 0; bytes += length, left -= length) {
        unsigned char c = (unsigned char)*bytes;
        shown_next((const uint8_t *)bytes, left, &length, shown);
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            fprintf(out, "%%%02X", c);
        else
            fputs(shown, out);
    }
}

static void github_one(FILE *out, const struct diags *diags, const struct diag *diag)
{
    struct reported_place place = report_place(diags, diag->span);
    char *whole = whole_message(diag);
    fprintf(out, "::%s ", diag->severity == NOTE ? "notice" : sarif_level(diag));
    if (place.path) {
        fputs("file=", out);
        github_text(out, place.path, true);
        fprintf(out, ",line=%u,endLine=%u", place.line, place.end_line);
        /* GitHub accepts columns only for a place within one line, and its endColumn is the column of the last
         * character itself. */
        if (place.line == place.end_line)
            fprintf(out, ",col=%u,endColumn=%u", place.column,
                    place.end_column > place.column ? place.end_column - 1 : place.column);
        fputc(',', out);
    }
    fputs("title=", out);
    github_text(out, diag_called(diag), true);
    fputs("::", out);
    github_text(out, whole, false);
    fputc('\n', out);
    free(whole);
}

/* ---- */

enum report_format report_format_named(const char *name)
{
    static const char *const names[] = {"text", "json", "sarif", "github", "gitlab", "junit"};
    for (int i = REPORT_TEXT; i <= REPORT_JUNIT; i++)
        if (strcmp(name, names[i]) == 0) return (enum report_format)i;
    assert(false && "a format that the command line has let through");
    return REPORT_TEXT;
}

struct report *report_begin(FILE *out, enum report_format format, const char *help)
{
    struct report *report = memory_zeroed(1, sizeof *report);
    report->format = format;
    report->out = out;
    report->list = json_array();
    report->rules = json_array();
    report->notifications = json_array();
    report->fingerprints = json_object();
    report->own = json_object();
    report->help = help;
    if (format == REPORT_JUNIT) report->cases = memory_stream(&report->text, &report->text_length);
    for (int i = 0; i < DIAG_CODES; i++) report->numbers[i] = -1;
    return report;
}

/* Returns the index of the own rule in the report, and adds the rule where it is new. A name may be that of rules of
 * several sites: the first one describes it. */
static int report_own_number(struct report *report, const struct diag *diag)
{
    json_t *known = json_object_get(report->own, diag->own->name);
    if (known) return (int)json_integer_value(known);
    report_set(report->own, diag->own->name, json_integer(report->known));
    report_append(report->rules, report_own_rule(diag, report->help));
    return report->known++;
}

static void add_result(struct report *report, const struct diags *diags, const struct diag *diag)
{
    int own = diag->own ? report_own_number(report, diag) : 0;
    int *number = diag->own ? &own : &report->numbers[diag->code];
    if (!report_place(diags, diag->span).path) {
        report_append(report->notifications, report_notification(diag));
        return;
    }
    if (*number < 0) {
        *number = report->known++;
        report_append(report->rules, report_rule(diags_arena(diags), diag->code, report->help));
    }
    report_append(report->list, sarif_result(report->fingerprints, diags, diag, *number));
}

/* Beyond REPORT_LIMIT diagnostics the report is not extended, since nobody can read a longer one; only the errors are
 * still counted. */
size_t report_add(struct report *report, struct diags *diags)
{
    if (report->format == REPORT_TEXT) return diags_print(diags, report->out, DIAGS_SHOWN);
    size_t count, errors = 0;
    struct diag **sorted = diags_sorted(diags, &count);
    for (size_t i = 0; i < count; i++) {
        errors += sorted[i]->severity == ERROR;
        if (report->told++ >= REPORT_LIMIT) continue;
        if (report->format == REPORT_GITHUB)
            github_one(report->out, diags, sorted[i]);
        else if (report->format == REPORT_JSON)
            report_append(report->list, report_diag(diags, sorted[i]));
        else if (report->format == REPORT_GITLAB)
            report_append(report->list, gitlab_one(report->fingerprints, diags, sorted[i]));
        else if (report->format == REPORT_JUNIT)
            junit_one(report->cases, diags, sorted[i]), report->failures += sorted[i]->severity != NOTE;
        else
            add_result(report, diags, sorted[i]);
    }
    report->errors += errors;
    report->warnings += count - errors;
    return errors;
}

static json_t *json_whole(struct report *report)
{
    json_t *whole = json_object();
    report_set(whole, "diagnostics", json_incref(report->list));
    report_set(whole, "errors", json_integer((json_int_t)report->errors));
    report_set(whole, "warnings", json_integer((json_int_t)report->warnings));
    return whole;
}

/* Makes the whole report as one run, even of several sites: GitHub refuses several runs of one tool. */
static json_t *sarif_whole(struct report *report)
{
    json_t *whole = json_object(), *runs = json_array(), *run = report_append(runs, json_object()),
           *tool = json_object();
    report_set(whole, "$schema", json_string("https://json.schemastore.org/sarif-2.1.0.json"));
    report_set(whole, "version", json_string("2.1.0"));
    report_set(whole, "runs", runs);
    report_set(run, "tool", tool);
    report_set(tool, "driver", report_driver(json_incref(report->rules)));
    report_set(run, "columnKind", json_string("unicodeCodePoints"));
    report_set(run, "results", json_incref(report->list));
    report_set(run, "invocations", report_invocations(json_incref(report->notifications)));
    return whole;
}

void report_end(struct report *report)
{
    if (report->format != REPORT_TEXT && report->format != REPORT_GITHUB && report->format != REPORT_JUNIT) {
        json_t *whole = report->format == REPORT_JSON    ? json_whole(report)
                        : report->format == REPORT_SARIF ? sarif_whole(report)
                                                         : json_incref(report->list);
        json_dumpf(whole, report->out, JSON_INDENT(2));
        fputc('\n', report->out);
        json_decref(whole);
    }
    if (report->cases) {
        if (fclose(report->cases) != 0) abort();
        junit_whole(report);
        free(report->text);
    }
    json_decref(report->fingerprints);
    json_decref(report->own);
    json_decref(report->list);
    json_decref(report->rules);
    json_decref(report->notifications);
    free(report);
}
