/* runtime/adapters/chat/hours.c - Reads the hours of a week, and says whether they are open.
 *
 *     "mon..fri 09:00..18:00, sat 10:00..12:00"
 *          day 1..5  minute 540..1080
 *          day 6..6  minute 600..720
 *
 * The end of a span of hours is outside it. A span of days does not go over Sunday, and a span of hours not over
 * midnight: two spans are written in such a case. Days and hours are those of the time zone at the second in
 * question, so summer time needs no special care here. */
#include "runtime/adapters/chat/hours.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/why.h"
#include "runtime/web/origins.h"

enum { DAY_MINUTES = 1440, LOOK_DAYS = 14 };

/* Monday is 1; 0: the name is not a day's. */
static uint8_t week_day_of(const char *name)
{
    static const char *const days[] = {"", "mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (uint8_t day = 1; day <= 7; day++)
        if (strcmp(days[day], name) == 0) return day;
    return 0;
}

/* Reads one span. %n gives the place where reading stopped: characters after the last minute make the word wrong. */
static bool hours_read_one(struct hours *hours, const char *word)
{
    char first[8] = "", last[8] = "";
    unsigned from_hour, from_minute, to_hour, to_minute;
    int end = 0;
    bool days = sscanf(word, "%3[a-z]..%3[a-z] %n", first, last, &end) == 2 && end > 0;
    if (!days) {
        end = 0, last[0] = '\0';
        if (sscanf(word, "%3[a-z] %n", first, &end) != 1 || end == 0) return false;
        strcpy(last, first);
    }
    int rest = 0;
    if (sscanf(word + end, "%2u:%2u..%2u:%2u%n", &from_hour, &from_minute, &to_hour, &to_minute, &rest) != 4 ||
        word[end + rest] != '\0' || from_hour > 23 || from_minute > 59 || to_hour > 24 || to_minute > 59)
        return false;
    unsigned from = 60 * from_hour + from_minute, to = 60 * to_hour + to_minute;
    uint8_t first_day = week_day_of(first), last_day = week_day_of(last);
    if (first_day == 0 || last_day < first_day || from >= to || to > DAY_MINUTES || hours->count == HOURS_MAX)
        return false;
    hours->all[hours->count].first = first_day, hours->all[hours->count].last = last_day;
    hours->all[hours->count].from = (uint16_t)from, hours->all[hours->count++].to = (uint16_t)to;
    return true;
}

bool hours_read_week(struct hours *hours, const char *text, const char *zone, char *why, size_t why_size)
{
    *hours = (struct hours){0};
    hours->zone = *zone ? g_time_zone_new_identifier(zone) : g_time_zone_new_local();
    if (!hours->zone) return why_set(why, why_size, "callback_zone: `%.60s` is none; as Europe/Paris", zone);
    char **words = web_words_read(text);
    bool good = true;
    for (char **word = words; good && *word; word++)
        if (!(good = hours_read_one(hours, *word)))
            why_set(why, why_size, "callback_hours: `%.60s` is none; mon..fri 09:00..18:00, sat 10:00..12:00", *word);
    g_strfreev(words);
    return good;
}

void hours_free(struct hours *hours)
{
    if (hours->zone) g_time_zone_unref(hours->zone);
    *hours = (struct hours){0};
}

bool hours_open(const struct hours *hours, int64_t at_s)
{
    assert(hours->zone);
    GDateTime *utc = g_date_time_new_from_unix_utc(at_s),
              *local = utc ? g_date_time_to_timezone(utc, hours->zone) : NULL;
    bool open = hours->count == 0 && local;
    int day = local ? g_date_time_get_day_of_week(local) : 0;
    int minute = local ? 60 * g_date_time_get_hour(local) + g_date_time_get_minute(local) : 0;
    for (unsigned i = 0; local && i < hours->count; i++)
        open |= day >= hours->all[i].first && day <= hours->all[i].last && minute >= hours->all[i].from &&
                minute < hours->all[i].to;
    if (local) g_date_time_unref(local);
    if (utc) g_date_time_unref(utc);
    return open;
}

/* The multiples of `every` count in UTC. In a zone that is half an hour off UTC, whole hours are therefore offered
 * at half past. */
int64_t hours_next(const struct hours *hours, int64_t after_s, uint64_t every)
{
    int64_t step_s = 60 * (int64_t)every, last_s = after_s + (int64_t)LOOK_DAYS * DAY_MINUTES * 60;
    assert(every > 0);
    for (int64_t at_s = (after_s / step_s + 1) * step_s; at_s <= last_s; at_s += step_s)
        if (hours_open(hours, at_s)) return at_s;
    return 0;
}
