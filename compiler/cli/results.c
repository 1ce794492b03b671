/* compiler/cli/results.c - Writes the results of tests in three forms.
 *
 * All three forms have the same calls: begin, a case per test, end. Text and TAP are written while tests end; JUnit
 * has counts before its cases and is written when all tests have ended. A test's name and timeline are the author's
 * words: each form escapes characters with a meaning in that form. */
#include "compiler/cli/results.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/shown.h"

enum { TIMELINE_SHOWN = 40 }; /* lines, from each end */

struct results_group {
    const char *file; /* the path of a file of the suite */
    char *text;       /* malloc'ed */
    size_t length;
    FILE *stream;
    uint32_t cases, failures;
    uint64_t took_us;
};

enum results_format results_format_named(const char *name)
{
    return strcmp(name, "tap") == 0 ? RESULTS_TAP : strcmp(name, "junit") == 0 ? RESULTS_JUNIT : RESULTS_TEXT;
}

/* ---- text ---- */

static void put_junit_duration(FILE *out, uint64_t us)
{
    uint64_t seconds = us / 1000000;
    if (seconds < 60)
        fprintf(out, "%.1f s", (double)us / 1e6);
    else if (seconds < 3600)
        fprintf(out, "%" PRIu64 " min %" PRIu64 " s", seconds / 60, seconds % 60);
    else
        fprintf(out, "%" PRIu64 " h %" PRIu64 " min", seconds / 3600, seconds / 60 % 60);
}

static size_t count_text_lines(const char *text)
{
    size_t count = 0;
    for (; *text; text++) count += *text == '\n';
    return count;
}

/* Prints the beginning and the end of a long timeline, or with -v the whole timeline. */
static void put_timeline(FILE *out, const char *text, bool all)
{
    size_t count = count_text_lines(text), line = 0;
    bool cut = !all && count > 2 * TIMELINE_SHOWN;
    fprintf(out, "  what happened:\n");
    for (const char *end; *text; text = end, line++) {
        end = strchr(text, '\n');
        end = end ? end + 1 : text + strlen(text);
        if (cut && line == TIMELINE_SHOWN)
            fprintf(out, "    ... %zu lines; -v shows all ...\n", count - 2 * TIMELINE_SHOWN);
        if (!cut || line < TIMELINE_SHOWN || line >= count - TIMELINE_SHOWN) fwrite(text, 1, (size_t)(end - text), out);
    }
}

static void text_case(const struct results *results, uint32_t number, const struct suite_outcome *outcome)
{
    shown_print(stdout, "%-6s  %s (", outcome->passed ? "ok" : "FAILED", suite_test(results->suite, number).name);
    put_junit_duration(stdout, outcome->virtual_us);
    printf(", %" PRIu32 " interaction%s)\n", outcome->interactions, outcome->interactions == 1 ? "" : "s");
    shown_write(stdout, outcome->text);
    if (*outcome->timeline) put_timeline(stdout, outcome->timeline, results->verbose);
}

/* ---- TAP 13, which test harnesses read ---- */

/* Writes a test's description, with a \ before each # and \; a line break ends it. */
static void tap_words(const char *text)
{
    char shown[SHOWN_MAX];
    unsigned length;
    for (size_t left = strlen(text); left > 0; text += length, left -= length) {
        bool itself = shown_next((const uint8_t *)text, left, &length, shown), broken = *text == '\n' || *text == '\r';
        if (*text == '#' || *text == '\\' || (!itself && !broken)) putchar('\\');
        fputs(broken ? " " : shown, stdout);
    }
}

/* Writes a text as a string of YAML on one line. */
static void tap_quoted(const char *text)
{
    char shown[SHOWN_MAX];
    unsigned length, number;
    putchar('"');
    for (size_t left = strlen(text); left > 0; text += length, left -= length) {
        bool itself = shown_next((const uint8_t *)text, left, &length, shown);
        if (*text == '"' || *text == '\\') putchar('\\');
        if (!itself && sscanf(shown, "\\u{%x}", &number) == 1)
            printf(number < 0x20 ? "\\x%02x" : "\\U%08x", number);
        else
            fputs(shown, stdout);
    }
    putchar('"');
}

/* Writes each line of a text as a comment, which every TAP reader shows. */
static void tap_remarks(const char *text)
{
    while (*text) {
        const char *end = strchr(text, '\n');
        size_t length = end ? (size_t)(end - text) : strlen(text);
        shown_print(stdout, "# %.*s\n", (int)length, text);
        text += length + (end != NULL);
    }
}

static void tap_case(const struct results *results, uint32_t number, const struct suite_outcome *outcome)
{
    struct sim_test test = suite_test(results->suite, number);
    printf("%sok %" PRIu32 " - ", outcome->passed ? "" : "not ", number + 1);
    tap_words(test.name);
    printf("\n  ---\n  file: ");
    tap_quoted(test.file);
    printf("\n  line: %" PRIu32 "\n  interactions: %" PRIu32 "\n  virtual_ms: %" PRIu64 "\n  duration_ms: %.3f\n",
           test.line, outcome->interactions, outcome->virtual_us / 1000, (double)outcome->took_us / 1e3);
    printf("  ...\n");
    tap_remarks(outcome->text);
    tap_remarks(outcome->timeline);
}

/* ---- JUnit ---- */

/* Returns the length of the UTF-8 sequence at `text` if XML 1.0 allows it; 0: it does not. */
static unsigned xml_bytes(const unsigned char *text)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned length = *text < 0x80 ? 1 : *text >> 5 == 6 ? 2 : *text >> 4 == 14 ? 3 : *text >> 3 == 30 ? 4 : 0;
    uint32_t code = length == 1 ? *text : length == 0 ? 0 : *text & (0x7fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if (text[i] >> 6 != 2) return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    bool good = code >= 0x20 ? code < 0x7f || (code > 0x9f && code < 0xd800) || (code > 0xdfff && code < 0xfffe) ||
                                   (code > 0xffff && code <= 0x10ffff)
                             : code == '\t' || code == '\n' || code == '\r';
    return good && length > 0 && code >= least[length] ? length : 0;
}

/* Writes text or an attribute's value; a question mark replaces characters that XML cannot hold. */
static void put_junit_xml(FILE *out, const char *text, bool attribute)
{
    const unsigned char *at = (const unsigned char *)text;
    for (unsigned length; *at; at += length > 0 ? length : 1) {
        length = xml_bytes(at);
        if (length == 0)
            putc('?', out);
        else if (*at == '<' || *at == '&' || *at == '>' || *at == '"' || *at == '\r' || (attribute && *at < ' '))
            fprintf(out, "&#%u;", *at);
        else
            fwrite(at, 1, length, out);
    }
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    put_junit_xml(out, value, true);
    putc('"', out);
}

/* Returns the group of the test's file: the last group or a new one, as tests come file by file. */
static struct results_group *group_of(struct results *results, const char *file)
{
    struct results_group *last = results->group_count ? results->groups[results->group_count - 1] : NULL;
    if (last && strcmp(last->file, file) == 0) return last;
    results->groups = memory_more(results->groups, results->group_count, sizeof *results->groups);
    last = memory_grown(NULL, 1, sizeof *last); /* the group must not move: the stream writes to it when it is closed */
    results->groups[results->group_count++] = last;
    *last = (struct results_group){.file = file};
    last->stream = memory_stream(&last->text, &last->length);
    return last;
}

static void junit_case(struct results *results, uint32_t number, const struct suite_outcome *outcome)
{
    struct sim_test test = suite_test(results->suite, number);
    struct results_group *group = group_of(results, test.file);
    FILE *out = group->stream;
    group->cases++;
    group->failures += !outcome->passed;
    group->took_us += outcome->took_us;
    fprintf(out, "    <testcase");
    put_attribute(out, "name", test.name);
    put_attribute(out, "classname", test.file);
    put_attribute(out, "file", test.file);
    fprintf(out, " line=\"%" PRIu32 "\" time=\"%.6f\">", test.line, (double)outcome->took_us / 1e6);
    if (!outcome->passed) {
        char *first = strndup(outcome->text + strspn(outcome->text, " "), strcspn(outcome->text, "\n"));
        if (!first) abort();
        first[strcspn(first, "\n")] = '\0';
        fprintf(out, "\n      <failure");
        put_attribute(out, "message", first);
        fprintf(out, ">");
        put_junit_xml(out, outcome->text, false);
        fprintf(out, "</failure>");
        free(first);
    }
    if (*outcome->timeline) {
        fprintf(out, "\n      <system-out>");
        put_junit_xml(out, outcome->timeline, false);
        fprintf(out, "</system-out>");
    }
    fprintf(out, "%s</testcase>\n", outcome->passed && !*outcome->timeline ? "" : "\n    ");
}

static void junit_suite(const char *name, uint32_t tests, uint32_t failures, int errors, uint64_t took_us)
{
    printf("  <testsuite");
    put_attribute(stdout, "name", name);
    printf(" tests=\"%" PRIu32 "\" failures=\"%" PRIu32 "\" errors=\"%d\" time=\"%.6f\">\n", tests, failures, errors,
           (double)took_us / 1e6);
}

/* Writes the diagnostics of a compilation as the standard error of the JUnit report. */
static void junit_errors(struct compilation *compilation)
{
    char *text;
    size_t length;
    FILE *out = memory_stream(&text, &length);
    compilation_print(compilation, out);
    fclose(out);
    put_junit_xml(stdout, text, false);
    free(text);
}

static void junit_end(struct results *results)
{
    const struct suite *suite = results->suite;
    uint32_t broken = 0;
    for (uint32_t i = 0; i < suite->program_count; i++) broken += suite->programs[i].broken;
    printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites tests=\"%" PRIu32 "\" failures=\"%" PRIu32
           "\" errors=\"%" PRIu32 "\" time=\"%.6f\">\n",
           results->passed + results->failed + broken, results->failed, broken, (double)results->took_us / 1e6);
    for (uint32_t i = 0; i < results->group_count; i++) {
        struct results_group *group = results->groups[i];
        fclose(group->stream);
        junit_suite(group->file, group->cases, group->failures, 0, group->took_us);
        fwrite(group->text, 1, group->length, stdout);
        printf("  </testsuite>\n");
        free(group->text);
        free(group);
    }
    for (uint32_t i = 0; i < suite->program_count; i++) {
        if (!suite->programs[i].broken) continue;
        junit_suite(suite->programs[i].files->paths[0], 1, 0, 1, 0);
        printf("    <testcase name=\"it compiles\"><error message=\"it does not; gcxc check says why\">");
        junit_errors(suite->programs[i].compilation);
        printf("</error></testcase>\n  </testsuite>\n");
    }
    printf("</testsuites>\n");
}

/* ---- all ---- */

void results_begin(struct results *results, const struct suite *suite, enum results_format format, bool verbose)
{
    *results = (struct results){.format = format, .suite = suite, .verbose = verbose};
    if (format == RESULTS_TAP) printf("TAP version 13\n1..%" PRIu32 "\n", suite->case_count);
}

void results_case(struct results *results, uint32_t number, const struct suite_outcome *outcome)
{
    assert(number < results->suite->case_count);
    results->passed += outcome->passed;
    results->failed += !outcome->passed;
    results->took_us += outcome->took_us;
    progress_clear(&results->progress);
    if (results->format == RESULTS_TEXT)
        text_case(results, number, outcome);
    else if (results->format == RESULTS_TAP)
        tap_case(results, number, outcome);
    else
        junit_case(results, number, outcome);
}

void results_end(struct results *results)
{
    progress_clear(&results->progress);
    if (results->format == RESULTS_TEXT)
        printf("%" PRIu32 " passed, %" PRIu32 " failed\n", results->passed, results->failed);
    else if (results->format == RESULTS_TAP && results->suite->broken)
        printf("Bail out! a file does not compile\n");
    else if (results->format == RESULTS_JUNIT)
        junit_end(results);
    free(results->groups);
}
