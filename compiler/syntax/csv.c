/* compiler/syntax/csv.c - Reading records of comma-separated values. */
#include "compiler/syntax/csv.h"

#include <assert.h>
#include <string.h>

void csv_begin(struct csv *csv, struct arena *arena, const char *text, size_t length)
{
    bool mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    *csv = (struct csv){.arena = arena, .at = text + (mark ? 3 : 0), .end = text + length, .next_line = 1};
}

/* Reads a field in quotes, in which two quotes stand for one. False where no quote closes it. */
static bool quoted(struct csv *csv, struct literal *field)
{
    assert(csv->at < csv->end && *csv->at == '"');
    const char *close = csv->at + 1;
    while (close < csv->end && (*close != '"' || (close + 1 < csv->end && close[1] == '"')))
        close += *close == '"' ? 2 : 1;
    char *bytes = arena_alloc(csv->arena, (size_t)(close - csv->at));
    size_t length = 0;
    for (csv->at++; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"' && (csv->at + 1 == csv->end || csv->at[1] != '"')) {
            csv->at++;
            bytes[length] = '\0';
            *field = (struct literal){bytes, length};
            return true;
        }
        if (*csv->at == '"') csv->at++;
        if (*csv->at == '\n') csv->next_line++;
        bytes[length++] = *csv->at;
    }
    csv->wrong = "a quote is not closed";
    return false;
}

/* Reads a field without quotes, up to a comma or the line's end. */
static void plain(struct csv *csv, struct literal *field)
{
    const char *begin = csv->at;
    while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\n') csv->at++;
    size_t length = (size_t)(csv->at - begin);
    if (length > 0 && (csv->at == csv->end || *csv->at == '\n') && begin[length - 1] == '\r') length--;
    *field = (struct literal){arena_copy(csv->arena, begin, length), length};
}

int csv_next(struct csv *csv, struct literal *fields, int room)
{
    assert(csv->at <= csv->end && room >= 0);
    while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r')) csv->next_line += *csv->at++ == '\n';
    csv->line = csv->next_line;
    if (csv->at == csv->end) return 0;
    for (int count = 1;; count++) {
        struct literal field;
        if (csv->at < csv->end && *csv->at == '"') {
            if (!quoted(csv, &field)) return -1;
            if (csv->at < csv->end && *csv->at == '\r') csv->at++;
        } else {
            plain(csv, &field);
        }
        if (count <= room) fields[count - 1] = field;
        if (csv->at < csv->end && *csv->at == ',') {
            csv->at++;
            continue;
        }
        if (csv->at < csv->end && *csv->at != '\n') {
            csv->wrong = "something stands behind a closing quote";
            return -1;
        }
        if (csv->at < csv->end) csv->at++, csv->next_line++;
        return count;
    }
}
