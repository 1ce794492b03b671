/* runtime/adapter/numbers.c - Reads NUMBER=QUEUE, and finds the queue for the number to which a message was sent.
 *
 *     numbers = +4930123=sales, 4711=support, *=rest
 *
 *     written to               queue
 *     "+4930123", "4930123"    sales
 *     "4711", "+4711"          support
 *     any other number         rest */
#include "runtime/adapter/numbers.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/denied.h"
#include "base/memory.h"
#include "base/why.h"

enum { NUMBERS_MOST = 1000 };

/* `word` is changed: its `=` becomes the end of the number. */
static bool numbers_add(struct own_numbers *numbers, char *word, char *why, size_t why_size)
{
    char *queue = strchr(g_strstrip(word), '=');
    struct own_number *row = &numbers->all[numbers->count];
    if (queue) *queue++ = 0;
    row->international = *word == '+';
    const char *digits = row->international ? word + 1 : word;
    if (!queue || !*queue || !*digits || !text_set(row->digits, sizeof row->digits, digits) ||
        !text_set(row->queue, sizeof row->queue, queue))
        return why_set(why, why_size, "numbers: `%s` is not NUMBER=QUEUE", word);
    numbers->count++;
    return true;
}

bool numbers_said(struct own_numbers *numbers, const char *text, char *why, size_t why_size)
{
    char **words = g_strsplit(text, ",", NUMBERS_MOST);
    numbers->all = memory_zeroed(g_strv_length(words) + 1, sizeof *numbers->all);
    bool good = true;
    for (char **word = words; *word && good; word++) good = numbers_add(numbers, *word, why, why_size);
    g_strfreev(words);
    if (!good || numbers->count > 0) return good;
    return why_set(why, why_size, "numbers: none is set, so no message could come; NUMBER=QUEUE,...");
}

void numbers_free(struct own_numbers *numbers)
{
    free(numbers->all);
    *numbers = (struct own_numbers){0};
}

/* A row with the number counts before `*`, wherever `*` is in the list. */
const struct own_number *numbers_find(const struct own_numbers *numbers, const char *number)
{
    const struct own_number *otherwise = NULL;
    for (size_t i = 0; i < numbers->count; i++) {
        if (denied_is_ours(numbers->all[i].digits, span_of(number))) return &numbers->all[i];
        if (strcmp(numbers->all[i].digits, "*") == 0) otherwise = &numbers->all[i];
    }
    return otherwise;
}

bool numbers_are_ours(const struct own_numbers *numbers, const char *number)
{
    const struct own_number *row = numbers_find(numbers, number);
    return row && strcmp(row->digits, "*") != 0;
}

bool numbers_write(const struct own_number *row, const char *number, char *to, size_t size)
{
    bool any = strcmp(row->digits, "*") == 0;
    char *text = g_strconcat(!any && row->international ? "+" : "", any ? number : row->digits, NULL);
    bool good = text_set(to, size, text);
    g_free(text);
    return good;
}
