/* runtime/daemon/directory/schedule_lines.c - Reads the lines of a schedule as text, and writes them as the numbers
 * of vm/schedule.h.
 *
 *     "mon..fri, 2026-12-24 08:00..12:00, 13:00..18:00; sat closed"
 *
 *     kind      first       last        count  hours, as pairs of seconds of the day
 *     weekdays  0           4           2      28800 43200  46800 64800
 *     dates     2026-12-24  2026-12-24  2      28800 43200  46800 64800
 *     weekdays  5           5           0
 *
 * Each range of days before the hours becomes a separate line of numbers, with the same hours. A schedule without
 * any line is always closed. */
#include "runtime/daemon/directory/schedule_lines.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "vm/schedule.h"
#include "vm/show.h"
#include "base/written.h"

static bool schedule_word_is(const char **at, const char *word)
{
    size_t length = strlen(word);
    while (**at == ' ') (*at)++;
    if (strncmp(*at, word, length) != 0) return false;
    *at += length;
    return true;
}

/* Reads a weekday, whose number is 0 for Monday, or a date, which becomes the number of its day as the language counts
 * days. */
static bool day_read(const char **at, int64_t *day, bool *date)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    while (**at == ' ') (*at)++;
    for (int i = 0; i < 7; i++)
        if (schedule_word_is(at, days[i])) {
            *day = i;
            *date = false;
            return true;
        }
    *date = true;
    if (strspn(*at, "0123456789-") != 10 || !written_date(*at, 10, day)) return false;
    *at += 10;
    return true;
}

/* Reads a time of day, in seconds of the day. 24:00 is the end of the day; no clock shows it, so it is read
 * separately. */
static bool hour_read(const char **at, int64_t *seconds)
{
    int64_t us;
    while (**at == ' ') (*at)++;
    size_t length = strspn(*at, "0123456789:");
    if (length == 5 && memcmp(*at, "24:00", 5) == 0)
        us = INT64_C(86400000000);
    else if (!written_clock(*at, length, &us))
        return false;
    *at += length;
    *seconds = us / 1000000;
    return true;
}

static void number_put(struct kv *list, int64_t number)
{
    kv_put_int(list, "item", number);
}

/* Reads the hours after the days of a line: "closed", or "08:00..12:00, 13:00..18:00"; as pairs of seconds. */
static bool hours_read(const char **at, int64_t *hours, int64_t *count)
{
    *count = 0;
    if (schedule_word_is(at, "closed")) return true;
    do {
        int64_t *pair = &hours[2 * *count];
        if (*count == 16 || !hour_read(at, &pair[0]) || !schedule_word_is(at, "..") || !hour_read(at, &pair[1]))
            return false;
        if (pair[1] <= pair[0]) pair[1] += 86400; /* past midnight */
        ++*count;
    } while (schedule_word_is(at, ","));
    return true;
}

/* Reads one line, such as "mon..fri, 2026-12-24 08:00..18:00". */
static bool schedule_line_read(const char **at, struct kv *list)
{
    int64_t first[16], last[16], hours[32], count;
    bool dates[16], date;
    int days = 0;
    do {
        if (days == 16 || !day_read(at, &first[days], &dates[days])) return false;
        last[days] = first[days];
        if (schedule_word_is(at, "..") && (!day_read(at, &last[days], &date) || date != dates[days])) return false;
        if (last[days] < first[days]) return false;
        days++;
    } while (schedule_word_is(at, ","));
    if (!hours_read(at, hours, &count)) return false;
    for (int i = 0; i < days; i++) {
        number_put(list, dates[i] ? SCHEDULE_DATES : SCHEDULE_WEEKDAYS);
        number_put(list, first[i]);
        number_put(list, last[i]);
        number_put(list, count);
        for (int64_t k = 0; k < 2 * count; k++) number_put(list, hours[k]);
    }
    return true;
}

/* Reads the whole text; "closed" gives no line, "open" one line for the whole week. An empty text is an error. */
bool schedule_lines_read(const char *text, struct kv *list, struct error *error)
{
    const char *at = text;
    bool read = false; /* An empty text does not mean closed: a shell's variable may be empty by mistake. */
    if (strcmp(text, "closed") == 0) return true;
    if (strcmp(text, "open") == 0) text = at = "mon..sun 00:00..24:00";
    do {
        while (*at == ' ') at++;
        if (*at == '\0' && read) break; /* behind the last semicolon */
        if (!schedule_line_read(&at, list) || (!schedule_word_is(&at, ";") && *at != '\0'))
            return error_set(
                error, ERROR_INPUT,
                "`%.40s` is no line of a schedule; expected closed, open, or as mon..fri 08:00..18:00; sat closed", at);
        read = true;
    } while (*at != '\0');
    return true;
}

/* True: two spans overlap. Each span is a pair of seconds: its begin and its end. */
static bool hours_overlap(const int64_t *hours, int64_t count)
{
    for (int64_t one = 0; one < count; one++)
        for (int64_t other = 0; other < one; other++)
            if (hours[2 * one] < hours[2 * other + 1] && hours[2 * other] < hours[2 * one + 1]) return true;
    return false;
}

bool schedule_lines_apart(struct span list, struct error *error)
{
    int64_t line[4 + 32], count = 0;
    struct kv_pair pair;
    for (uint32_t at = 0; kv_next(list, &at, &pair);) {
        assert(pair.value.tag == KV_INT && count < 4 + 32); /* schedule_lines_read() has written it */
        line[count++] = pair.value.word;
        if (count < 4 || count < 4 + 2 * line[3]) continue;
        if (hours_overlap(line + 4, line[3])) {
            char text[256];
            struct shown shown = {text, sizeof text, 0};
            struct kv one;
            kv_init(&one);
            for (int64_t i = 0; i < count; i++) number_put(&one, line[i]);
            schedule_lines_show(&shown, kv_span(&one));
            kv_free(&one);
            return error_set(error, ERROR_INPUT, "`%.*s`: two of these spans overlap; write them as one",
                             (int)shown.length, text);
        }
        count = 0;
    }
    return true;
}

/* Writes the lines of a schedule from its numbers, which come one by one: four tell the days and how many pairs of
 * hours follow, and after these each second number ends a pair. */
void schedule_lines_show(struct shown *text, struct span list)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    int64_t numbers[4], left = 0;
    char said[64];
    struct kv_pair pair;
    uint32_t at = 0, count = 0;
    int at_most = SCHEDULE_NUMBERS_MAX;
    if (list.length == 0) shown_put(text, "closed", 6);
    while (kv_next(list, &at, &pair)) {
        if (at_most-- == 0) { /* the lines beyond the limit are left out, which three dots in the text show */
            shown_put(text, " ...", 4);
            break;
        }
        numbers[count++] = pair.value.word;
        if (left == 0 && count == 4) {
            bool dates = numbers[0] == SCHEDULE_DATES, one = numbers[1] == numbers[2];
            int length = 0;
            if (text->length > 0) shown_put(text, "; ", 2);
            for (int i = 1; i <= (one ? 1 : 2); i++) {
                if (dates) {
                    struct shown day = {said, sizeof said, 0};
                    show_value(&(struct show){0}, &day, TYPE_DATE, (uint64_t)numbers[i]);
                    length = (int)day.length;
                } else {
                    length =
                        snprintf(said, sizeof said, "%s", numbers[i] >= 0 && numbers[i] < 7 ? days[numbers[i]] : "?");
                }
                if (i == 2) shown_put(text, "..", 2);
                shown_put(text, said, (uint32_t)length);
            }
            left = numbers[3];
            count = 0;
            if (left == 0) shown_put(text, " closed", 7);
        } else if (left > 0 && count == 2) {
            /* hours past midnight are written as in the source */
            int64_t end = numbers[1] > 86400 ? numbers[1] - 86400 : numbers[1];
            snprintf(said, sizeof said, " %02d:%02d..%02d:%02d", (int)(numbers[0] / 3600), (int)(numbers[0] / 60 % 60),
                     (int)(end / 3600), (int)(end / 60 % 60));
            shown_put(text, said, (uint32_t)strlen(said));
            if (--left > 0) shown_put(text, ",", 1);
            count = 0;
        }
    }
}
