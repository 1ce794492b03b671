/* runtime/debugger/written_test.c - Statements of a test, told apart by their semicolons. */
#include "runtime/debugger/written_test.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* ---- the text ---- */

static char *written_test_read_all(const char *file)
{
    char *text = NULL;
    size_t room = 0;
    FILE *in = fopen(file, "r");
    ssize_t length = in ? getdelim(&text, &room, '\0', in) : -1;
    if (in) fclose(in);
    if (length >= 0) return text;
    free(text);
    return NULL;
}

/* Behind what begins here: a text, a comment, or one character. */
static const char *past_one(const char *at)
{
    char quote = *at;
    if (at[0] == '/' && at[1] == '/') return at + strcspn(at, "\n");
    if (quote != '"' && quote != '`') return at + 1;
    for (at++; *at && *at != quote; at++)
        if (*at == '\\' && at[1]) at++;
    return at + (*at != '\0');
}

/* The next of these characters that stands in no text, comment or bracket; at the end, the end. */
static const char *written_test_find(const char *at, const char *wanted)
{
    for (unsigned depth = 0; *at; at = past_one(at)) {
        if (depth == 0 && strchr(wanted, *at)) break;
        if (strchr("{([", *at)) depth++;
        if (strchr("})]", *at) && depth > 0) depth--;
    }
    return at;
}

static const char *written_test_past_space(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n");
        if (at[0] != '/' || at[1] != '/') return at;
        at += strcspn(at, "\n");
    }
}

/* ---- the row ---- */

/* Are they the same but for space? */
static bool reads_the_same(const char *a, size_t a_length, const char *b, size_t b_length)
{
    const char *a_end = a + a_length, *b_end = b + b_length;
    for (;;) {
        while (a < a_end && isspace((unsigned char)*a)) a++;
        while (b < b_end && isspace((unsigned char)*b)) b++;
        if (a == a_end || b == b_end) return a == a_end && b == b_end;
        if (*a++ != *b++) return false;
    }
}

/* From `for each` to behind the rows, with the one that `values` are; malloc'ed. */
static char *written_test_read_row(const char *at, const char *table, const char *values)
{
    size_t length = strlen(values);
    const char *row = table + 1, *end = written_test_find(row, "}");
    char *text = NULL;
    size_t size;
    FILE *out = memory_stream(&text, &size);
    fprintf(out, " %.*s{ ", (int)(table - at), at);
    while (row < end) {
        const char *next = written_test_find(row, ";}");
        row = written_test_past_space(row);
        if (row < next && reads_the_same(row, (size_t)(next - row), values, length))
            fprintf(out, "%.*s; ", (int)(next - row), row);
        row = next + (*next != '\0');
    }
    fputs("}", out);
    fclose(out);
    return text;
}

/* ---- the body ---- */

static bool written_test_expects(const char *statement)
{
    static const char word[] = "expect";
    return strncmp(statement, word, sizeof word - 1) == 0 && isspace((unsigned char)statement[sizeof word - 1]);
}

/* The statements up to the test's end, a line each, without what is expected; malloc'ed. */
static char *written_test_read_body(const char *at)
{
    char *text = NULL;
    size_t size;
    FILE *out = memory_stream(&text, &size);
    for (at = written_test_past_space(at); *at && *at != '}'; at = written_test_past_space(at)) {
        const char *end = written_test_find(at, ";}");
        if (!written_test_expects(at)) fprintf(out, "    %.*s;\n", (int)(end - at), at);
        at = end + (*end == ';');
    }
    fclose(out);
    return text;
}

bool written_test_read(const char *file, uint32_t line, const char *name, struct written_test *test)
{
    static const char word[] = "test ", each[] = "for each";
    char *text = written_test_read_all(file);
    const char *at = text, *values = strrchr(name, '[');
    for (uint32_t i = 1; at && *at && i < line; i++) at += strcspn(at, "\n") + (at[strcspn(at, "\n")] != '\0');
    bool is = at && strncmp(at, word, sizeof word - 1) == 0;
    *test = (struct written_test){NULL, NULL};
    if (is) {
        char *row = NULL;
        at = written_test_past_space(past_one(written_test_past_space(at + sizeof word - 1)));
        if (strncmp(at, each, sizeof each - 1) == 0) {
            const char *table = at + strcspn(at, "{");
            char *given = memory_text(values ? values + 1 : "");
            if (*given) given[strlen(given) - 1] = '\0'; /* the bracket */
            row = written_test_read_row(at, table, given);
            free(given);
            const char *end = written_test_find(table + 1, "}");
            at = written_test_past_space(end + (*end != '\0'));
        }
        is = *at == '{';
        if (is) *test = (struct written_test){row ? row : strdup(""), written_test_read_body(at + 1)};
        if (!is) free(row);
    }
    free(text);
    return is;
}

void written_test_free(struct written_test *test)
{
    free(test->row);
    free(test->body);
}
