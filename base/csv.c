/* base/csv.c - Comma-separated values: records are read, changing the text in place; a cell is written. */
#include "base/csv.h"

#include <assert.h>
#include <string.h>

void csv_text_begin(struct csv_text *csv, char *text, size_t length)
{
    assert(text[length] == '\0');
    bool mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0;
    *csv = (struct csv_text){.at = text + (mark ? 3 : 0), .end = text + length, .next_line = 1};
}

/* Reads a field in quotes, in which two quotes stand for one. False: there is no closing quote. */
static bool csv_quoted(struct csv_text *csv, struct csv_field *field, char **end)
{
    assert(csv->at < csv->end && *csv->at == '"');
    char *to = ++csv->at;
    *field = (struct csv_field){.bytes = to, .quoted = true};
    for (; csv->at < csv->end; csv->at++) {
        if (*csv->at == '"' && csv->at[1] != '"') {
            csv->at++;
            field->length = (size_t)(to - field->bytes);
            *end = to;
            return true;
        }
        if (*csv->at == '"') csv->at++;
        if (*csv->at == '\n') csv->next_line++;
        *to++ = *csv->at;
    }
    csv->wrong = "a quote is not closed";
    return false;
}

/* Reads a field without quotes, up to a comma or the line's end. */
static void csv_plain(struct csv_text *csv, struct csv_field *field, char **end)
{
    char *begin = csv->at;
    while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\n') csv->at++;
    *end = csv->at;
    if (*end > begin && (csv->at == csv->end || *csv->at == '\n') && (*end)[-1] == '\r') --*end;
    *field = (struct csv_field){.bytes = begin, .length = (size_t)(*end - begin)};
}

int csv_text_next(struct csv_text *csv, struct csv_field *fields, int room)
{
    assert(csv->at <= csv->end && room >= 0);
    while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r')) csv->next_line += *csv->at++ == '\n';
    csv->line = csv->next_line;
    if (csv->at == csv->end) return 0;
    for (int count = 1;; count++) {
        struct csv_field field;
        char *end;
        if (csv->at < csv->end && *csv->at == '"') {
            if (!csv_quoted(csv, &field, &end)) return -1;
            if (csv->at < csv->end && *csv->at == '\r') csv->at++;
        } else {
            csv_plain(csv, &field, &end);
        }
        if (count <= room) fields[count - 1] = field;
        char behind = csv->at < csv->end ? *csv->at : '\n';
        *end = '\0'; /* the field is only ended with a zero now, as that may overwrite the comma that was just read */
        if (behind != ',' && behind != '\n') {
            csv->wrong = "something stands behind a closing quote";
            return -1;
        }
        bool ended = csv->at == csv->end;
        if (!ended) csv->at++;
        if (behind == ',') continue;
        csv->next_line += !ended;
        return count;
    }
}

void csv_show(FILE *file, const char *text)
{
    bool formula = *text != '\0' && strchr("=+-@\t\r", *text), quoted = text[strcspn(text, ",\"\r\n")] != '\0';
    if (quoted) putc('"', file);
    if (formula) putc('\'', file);
    for (; *text != '\0'; text++) {
        if (*text == '"') putc('"', file);
        putc(*text, file);
    }
    if (quoted) putc('"', file);
}
