/* runtime/daemon/admin/admin_holiday.c - One more holiday by hand: changes each schedule of the directory that names
 * its calendar, either all of them or none.
 *
 * A holiday belongs to a calendar, and schedules name calendars: one command changes every schedule that names this
 * one. All schedules are checked first, also whether the peer's role may change each, and posted one after another
 * only if all can be changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/admin/admin_set.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/admin/settings.h"
#include "runtime/daemon/directory/kept.h"
#include "base/memory.h"
#include "base/written.h"

#define DAY_US INT64_C(86400000000)

struct one_more { /* a schedule that the holiday changes */
    char *name, *lines;
    struct hand hand;
};

struct said { /* "hours: 2026-12-24 closed, late: 2026-12-24 10:00..12:00" */
    char text[4 * HAND_TEXT_MAX];
    size_t length;
};

struct holiday {
    const struct act *act;
    const struct conf *conf;
    const char *calendar, *date;
    char item[NAME_MAX_BYTES + 16]; /* "FR 2026-12-24" */
    struct one_more *all;
    size_t count;
    struct hand *hands; /* of those in force */
    size_t hand_count;
    struct said lasting; /* what is in force again by changes without an end */
    struct error *error;
    bool good;
};

static const char *holiday_word_at(const struct act *act, size_t at)
{
    const char *word = json_string_value(json_array_get(json_object_get(act->request, "what"), at));
    return word ? word : "";
}

bool set_is_holiday(const struct act *act)
{
    return act->id != COMMAND_remove && json_array_size(json_object_get(act->request, "what")) == 3 &&
           strcmp(holiday_word_at(act, 0), "holidays") == 0 && !strchr(holiday_word_at(act, 2), '=');
}

static void holiday_found(void *self, const char *schedule, const char *lines)
{
    struct holiday *holiday = self;
    holiday->all = memory_more(holiday->all, holiday->count, sizeof *holiday->all);
    holiday->all[holiday->count++] = (struct one_more){memory_text(schedule), memory_text(lines), {0}};
}

/* True: a site in force has the schedule. */
static bool is_in_force(const struct image *const *images, size_t count, const char *name)
{
    bool found = false;
    for (size_t at = 0; !found && at < count; at++)
        for (uint32_t i = 0; !found && i < image_count(images[at], SECTION_SETTINGS); i++) {
            const struct image_setting *setting = image_setting(images[at], i);
            struct text text = image_text(images[at], setting->name);
            found = setting->kind == SETTING_SCHEDULE && text.length == strlen(name) &&
                    memcmp(text.bytes, name, text.length) == 0;
        }
    return found;
}

/* Checks one schedule: whether the peer that asks may change it, and which line the holiday gets in it. */
static bool schedule_look(const struct core *core, struct holiday *holiday, struct hand_ask *ask,
                          const struct one_more *more)
{
    char word[NAME_MAX_BYTES + 2];
    const char *words[] = {word};
    bool unset = ask->act == HAND_UNSET;
    struct hand *hand = &holiday->hands[holiday->hand_count];
    snprintf(word, sizeof word, "%.64s%s", more->name, unset ? "" : "=");
    ask->words = words;
    ask->word_count = 1;
    ask->schedule = more->lines;
    bool good = hand_read(ask, hand, holiday->error) && hand_value(ask, hand, NULL, NULL, holiday->error);
    memcpy(hand->item, holiday->item, sizeof holiday->item);
    if (good && (!unset || set_is_changed(core, hand)))
        holiday->hand_count++;
    else
        hand_free(hand);
    return good;
}

/* Refuses a change by a person who saw another state of the holiday: that of none of the schedules. They are changed
 * together, but one may name the calendar since then only, and has no change by hand. */
static bool holiday_is_as_seen(const struct core *core, const struct holiday *holiday)
{
    const char *seen = json_string_value(json_object_get(holiday->act->request, "seen"));
    struct change_row newest = {0};
    for (size_t at = 0; seen && at < holiday->hand_count; at++) {
        struct change_row row;
        if (set_changed_at(core, &holiday->hands[at], &row) == strtoll(seen, NULL, 10)) return true;
        if (row.at_us >= newest.at_us) newest = row;
    }
    if (!seen || holiday->hand_count == 0) return true;
    char name[NAME_MAX_BYTES + 32];
    snprintf(name, sizeof name, "holidays %s", holiday->item);
    return set_refuse_unseen(name, "", &newest, holiday->error);
}

static void said_add(struct said *said, const struct hand *hand, const char *text)
{
    if (said->length >= sizeof said->text) return;
    said->length += (size_t)snprintf(said->text + said->length, sizeof said->text - said->length, "%s%s: %s",
                                     said->length > 0 ? ", " : "", hand->name, text);
}

static void holiday_lasting(const struct core *core, struct holiday *holiday)
{
    char text[HAND_TEXT_MAX];
    for (size_t at = 0; at < holiday->hand_count; at++)
        if (set_below_show(core, &holiday->hands[at], text)) said_add(&holiday->lasting, &holiday->hands[at], text);
}

/* On the core's thread. */
static void holiday_look(void *self, struct core *core)
{
    struct holiday *holiday = self;
    const struct image *images[SETTINGS_IMAGES_MAX];
    struct hand_ask ask = {.act = holiday->act->id == COMMAND_set ? HAND_SET : HAND_UNSET,
                           .conf = holiday->conf,
                           .peer = holiday->act->peer,
                           .images = images,
                           .role = json_string_value(json_object_get(holiday->act->request, "role"))};
    ask.image_count = settings_images(core, images, SETTINGS_IMAGES_MAX);
    holiday->good = true;
    for (size_t at = 0; holiday->good && at < holiday->count; at++)
        if (is_in_force(images, ask.image_count, holiday->all[at].name))
            holiday->good = schedule_look(core, holiday, &ask, &holiday->all[at]);
    holiday->good = holiday->good && holiday_is_as_seen(core, holiday);
    if (ask.act == HAND_UNSET) holiday_lasting(core, holiday);
    if (!holiday->good || holiday->hand_count > 0) return;
    holiday->good = false;
    if (ask.act == HAND_UNSET)
        error_set(holiday->error, ERROR_STATE, "holidays %s is not by hand", holiday->item);
    else
        error_set(holiday->error, ERROR_UNKNOWN,
                  "no schedule that the directory has, and a site in force, says `holidays %.64s`", holiday->calendar);
}

/* Tells the lines that the schedules get. */
static void holiday_said(const struct holiday *holiday, json_t *into)
{
    char text[HAND_TEXT_MAX];
    struct said all = {0};
    for (size_t at = 0; at < holiday->hand_count; at++) {
        const struct hand *hand = &holiday->hands[at];
        strcpy(text, "taken back");
        if (hand->row.length > 0) hand_show(hand, kv_span(&hand->row), text);
        said_add(&all, hand, text);
    }
    json_put(into, "value", json_text_of(span_of(all.text)));
    if (holiday->lasting.length > 0) json_put(into, "lasting", json_text_of(span_of(holiday->lasting.text)));
}

static void holiday_free(struct holiday *holiday)
{
    for (size_t at = 0; at < holiday->hand_count; at++) hand_free(&holiday->hands[at]);
    for (size_t at = 0; at < holiday->count; at++) {
        free(holiday->all[at].name);
        free(holiday->all[at].lines);
    }
    free(holiday->hands);
    free(holiday->all);
}

bool admin_act_holiday(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct holiday holiday = {.act = act,
                              .conf = daemon->conf,
                              .calendar = holiday_word_at(act, 1),
                              .date = holiday_word_at(act, 2),
                              .error = error};
    int64_t until_us = 0, day;
    if (!set_until(act, &until_us, error)) return false;
    if (strlen(holiday.calendar) > NAME_MAX_BYTES || !written_date(holiday.date, strlen(holiday.date), &day))
        return error_set(error, ERROR_INPUT, "`holidays %.64s %.40s`: expected a calendar and a date, as FR 2026-12-25",
                         holiday.calendar, holiday.date);
    snprintf(holiday.item, sizeof holiday.item, "%s %.10s", holiday.calendar, holiday.date);
    if (until_us != 0 && until_us <= day * DAY_US)
        return error_set(error, ERROR_INPUT,
                         "holidays %s: that time is over before the day begins; say a longer one, or none",
                         holiday.item);
    kept_calendar(daemon->conf->state, holiday.calendar, holiday.date, holiday_found, &holiday);
    holiday.hands = memory_grown(NULL, holiday.count + 1, sizeof *holiday.hands);
    engine_read(daemon->engine, holiday_look, &holiday);
    if (holiday.good) {
        holiday.good = set_hands_post(daemon, act, holiday.hands, holiday.hand_count, until_us, wait, error);
        json_put(wait->answer, "name", json_string("holidays"));
        json_put(wait->answer, "key", json_text_of(span_of(holiday.item)));
        json_put(wait->answer, "old", json_null());
        holiday_said(&holiday, wait->answer);
        json_put(wait->answer, "until_us", until_us != 0 ? json_integer(until_us) : json_null());
    }
    holiday_free(&holiday);
    return holiday.good;
}
