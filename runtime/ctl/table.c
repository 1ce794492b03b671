/* runtime/ctl/table.c - Prints tables, whose columns are as wide as their contents, and times in a form for people.
 *
 * The rows are gone through twice: first to find the widths of the columns, then to print. Widths are in characters
 * and not in bytes. On a narrower screen the first column, a name, is cut first, and then the last columns are left
 * out; a number is never cut, since half a number would be wrong. */
#include <assert.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "runtime/ctl/show.h"

enum { COLUMNS_MAX = 16, CELL_MAX = 160 };

const char *ctl_text_at(const json_t *object, const char *key)
{
    assert(key);
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "-";
}

long long ctl_number_at(const json_t *object, const char *key)
{
    assert(key);
    return (long long)json_integer_value(json_object_get(object, key));
}

/* Writes a duration in two units at most: people compare magnitudes. */
void show_duration(long long us, char text[DURATION_TEXT])
{
    long long s = us / 1000000;
    if (us < 0)
        snprintf(text, DURATION_TEXT, "-");
    else if (us == 0)
        snprintf(text, DURATION_TEXT, "0s");
    else if (us < 10000)
        snprintf(text, DURATION_TEXT, "%lld.%02lldms", us / 1000, us / 10 % 100);
    else if (us < 1000000)
        snprintf(text, DURATION_TEXT, "%lldms", us / 1000);
    else if (s < 60)
        snprintf(text, DURATION_TEXT, "%lld.%01llds", s, us / 100000 % 10);
    else if (s < 3600)
        snprintf(text, DURATION_TEXT, "%lldm%02llds", s / 60, s % 60);
    else if (s < 86400)
        snprintf(text, DURATION_TEXT, "%lldh%02lldm", s / 3600, s / 60 % 60);
    else
        snprintf(text, DURATION_TEXT, "%lldd%02lldh", s / 86400, s / 3600 % 24);
}

/* Writes a moment in the local time of the machine where gcxctl runs. */
void show_moment(long long us, char text[MOMENT_TEXT])
{
    time_t seconds = (time_t)(us / 1000000);
    struct tm local;
    size_t at;
    localtime_r(&seconds, &local);
    at = strftime(text, MOMENT_TEXT, "%Y-%m-%d %H:%M:%S", &local);
    snprintf(text + at, MOMENT_TEXT - at, ".%03lld", us / 1000 % 1000);
    if (us <= 0) snprintf(text, MOMENT_TEXT, "-");
}

/* Writes a cell with several values: French 9, Sales 2; chat ready; or a, b */
static void inner_print(json_t *value, char text[CELL_MAX])
{
    const char *key;
    json_t *inner;
    size_t i, at = 0;
    text[0] = '\0';
    json_object_foreach(value, key, inner)
    {
        const char *comma = at > 0 ? ", " : "";
        if (at >= CELL_MAX) break;
        if (json_is_string(inner))
            at += (size_t)snprintf(text + at, CELL_MAX - at, "%s%s %s", comma, key, json_string_value(inner));
        else
            at += (size_t)snprintf(text + at, CELL_MAX - at, "%s%s %lld", comma, key,
                                   (long long)json_integer_value(inner));
    }
    json_array_foreach(value, i, inner)
    {
        if (at < CELL_MAX)
            at += (size_t)snprintf(text + at, CELL_MAX - at, "%s%s", at > 0 ? ", " : "", json_string_value(inner));
    }
    if (at == 0) snprintf(text, CELL_MAX, "-");
}

/* The time now; gcxvm has the same clock, since it is reached by a Unix socket. */
static long long table_now_us(void)
{
    struct timeval now;
    gettimeofday(&now, NULL);
    return (long long)now.tv_sec * 1000000 + now.tv_usec;
}

/* Writes a cell in the form of its column's kind; "-" if there is no value. */
static void cell_print(const json_t *row, const struct column *column, char text[CELL_MAX])
{
    json_t *value = json_object_get(row, column->key);
    switch (column->kind) {
    case COLUMN_TEXT:
        snprintf(text, CELL_MAX, "%s", ctl_text_at(row, column->key));
        if (json_is_boolean(value)) snprintf(text, CELL_MAX, "%s", json_is_true(value) ? "yes" : "no");
        break;
    case COLUMN_HASH:
        snprintf(text, CELL_MAX, "%.12s", ctl_text_at(row, column->key));
        break;
    case COLUMN_NUMBER:
        snprintf(text, CELL_MAX, "%lld", ctl_number_at(row, column->key));
        if (!json_is_integer(value)) snprintf(text, CELL_MAX, "-");
        break;
    case COLUMN_MOMENT:
        show_moment(ctl_number_at(row, column->key), text);
        break;
    case COLUMN_AGE:
        show_duration(json_is_integer(value) ? table_now_us() - ctl_number_at(row, column->key) : -1, text);
        break;
    case COLUMN_DURATION:
        show_duration(json_is_integer(value) ? ctl_number_at(row, column->key) : -1, text);
        break;
    case COLUMN_PAIRS:
    case COLUMN_LIST:
        inner_print(value, text);
        break;
    }
}

/* Characters, not bytes. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        if (((unsigned char)*text & 0xc0) != 0x80) width++;
    return width;
}

void show_padded(FILE *out, const char *text, size_t width)
{
    size_t wide = width_of(text);
    fprintf(out, "%s%*s", text, wide < width ? (int)(width - wide) : 0, "");
}

/* Prints a cell; numbers and durations are aligned to the right, texts to the left. */
static void cell_put(FILE *out, const char *text, const struct column *column, size_t width, bool last)
{
    bool right = column->kind == COLUMN_NUMBER || column->kind == COLUMN_DURATION || column->kind == COLUMN_AGE;
    int pad = (int)(width - width_of(text));
    if (right) fprintf(out, "%*s", pad, "");
    fputs(text, out);
    if (!last) fprintf(out, "%*s", right ? 2 : pad + 2, "");
    if (last) putc('\n', out);
}

/* Cuts a text to that many characters; the last one becomes `+`, to show that there was more. */
static void cell_cut(char *text, size_t width)
{
    assert(width > 0);
    size_t seen = 0;
    if (width_of(text) <= width) return;
    while (seen < width || ((unsigned char)*text & 0xc0) == 0x80)
        if (((unsigned char)*text++ & 0xc0) != 0x80) seen++;
    do text--;
    while (((unsigned char)*text & 0xc0) == 0x80);
    strcpy(text, "+");
}

/* Returns how many columns fit on the screen; the first one may be made narrower. */
static size_t table_fit(size_t *widths, size_t count, size_t screen)
{
    assert(count > 0);
    enum { FIRST_LEAST = 8 };
    size_t total = widths[0], least = widths[0] < FIRST_LEAST ? widths[0] : FIRST_LEAST;
    for (size_t k = 1; k < count; k++) total += widths[k] + 2;
    for (; count > 1 && total - widths[0] + least > screen; count--) total -= widths[count - 1] + 2;
    if (total > screen) widths[0] = total - widths[0] + least < screen ? widths[0] - (total - screen) : least;
    return count;
}

/* Prints a table: finds the widths first, then prints the rows. */
void show_table_within(FILE *out, const json_t *rows, const struct column *columns, size_t screen)
{
    assert(out && columns);
    size_t widths[COLUMNS_MAX] = {0}, count = 0, i;
    char text[CELL_MAX];
    json_t *row;
    for (; columns[count].head; count++) {
        assert(count < COLUMNS_MAX);
        widths[count] = width_of(columns[count].head);
        json_array_foreach(rows, i, row)
        {
            cell_print(row, &columns[count], text);
            if (width_of(text) > widths[count]) widths[count] = width_of(text);
        }
    }
    if (screen > 0) count = table_fit(widths, count, screen);
    for (size_t k = 0; k < count; k++) cell_put(out, columns[k].head, &columns[k], widths[k], k + 1 == count);
    json_array_foreach(rows, i, row)
    {
        for (size_t k = 0; k < count; k++) {
            cell_print(row, &columns[k], text);
            cell_cut(text, widths[k]);
            cell_put(out, text, &columns[k], widths[k], k + 1 == count);
        }
    }
}

void show_table(FILE *out, const json_t *rows, const struct column *columns)
{
    show_table_within(out, rows, columns, 0);
}
