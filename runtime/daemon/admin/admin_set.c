/* runtime/daemon/admin/admin_set.c - Changes by hand: checked against the sites whose strategies are in force, and
 * posted to the core.
 *
 * Two threads share the work: on the core's thread, change_look finds the sites in force and the present value, and
 * makes the new value; the events are posted afterwards. Another change may come between the two steps: the core
 * applies both in the order in which they came, and the audit has both. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/admin/admin_set.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/admin/settings.h"
#include "runtime/daemon/directory/kept.h"
#include "runtime/vocabulary/rows.h"

struct setting_asking { /* one change, during the look into the core */
    struct hand_ask ask;
    struct hand hand;
    struct error *error;
    const char *seen; /* when it was changed last, as the person saw it; NULL: the person does not say */
    bool adds;        /* the row is a new one: one that is there is not changed */
    char old[HAND_TEXT_MAX], new[HAND_TEXT_MAX], lasting[HAND_TEXT_MAX];
    bool good, lasts;
};

/* Keeps the value in force as text, since the core goes on. */
static void old_keep(const struct core *core, struct setting_asking *asking, struct kv_pair *before, bool has_before)
{
    const struct hand *hand = &asking->hand;
    struct read_setting row;
    struct kv pairs;
    kv_init(&pairs);
    core_setting(core, hand->table, span_of(hand->name), &row);
    if (hand->table == table_business && has_before)
        kv_put(&pairs, span_of("value"), &before->value);
    else if (hand->table != table_business && row.known)
        kv_put(&pairs, span_of("value"), &row.value);
    if (hand->table == table_business && !has_before)
        strcpy(asking->old, "no row");
    else
        hand_show(hand, kv_span(&pairs), asking->old);
    kv_free(&pairs);
}

/* Makes the new value from the rows in force. */
static void rows_look(const struct core *core, struct setting_asking *asking)
{
    struct hand *hand = &asking->hand;
    struct kv before_row, any_row;
    struct kv_pair before, any;
    uint32_t at = 0;
    kv_init(&before_row);
    kv_init(&any_row);
    bool table = hand->table == table_business;
    bool has_before = table && core_setting_item(core, span_of(hand->name), span_of(hand->item), &before_row) &&
                      kv_next(kv_span(&before_row), &at, &before);
    at = 0;
    bool has_any = table && core_setting_item(core, span_of(hand->name), span_of(""), &any_row) &&
                   kv_next(kv_span(&any_row), &at, &any);
    bool lacks = asking->ask.act == HAND_REMOVE && !has_before;
    asking->good = !lacks && !(asking->adds && has_before);
    if (asking->good) {
        old_keep(core, asking, &before, has_before);
        asking->good =
            hand_value(&asking->ask, hand, has_before ? &before : NULL, has_any ? &any : NULL, asking->error);
    } else if (lacks) {
        error_set(asking->error, ERROR_UNKNOWN, "%s has no row %.64s", hand->name, hand->item);
    } else {
        error_set(asking->error, ERROR_EXISTS, "%s has a row %.64s already", hand->name, hand->item);
    }
    if (asking->good && asking->ask.act == HAND_REMOVE)
        strcpy(asking->new, "no row");
    else if (asking->good)
        hand_show(hand, kv_span(&hand->row), asking->new);
    kv_free(&before_row);
    kv_free(&any_row);
}

/* Refuses a change by a person who saw another value: somebody has changed it meanwhile. */
static bool is_as_seen(const struct core *core, const struct setting_asking *asking)
{
    const struct hand *hand = &asking->hand;
    struct change_row row;
    if (!asking->seen || set_changed_at(core, hand, &row) == strtoll(asking->seen, NULL, 10)) return true;
    return set_refuse_unseen(hand->name, hand->item, &row, asking->error);
}

/* On the core's thread. */
static void change_look(void *self, struct core *core)
{
    struct setting_asking *asking = self;
    const struct image *images[SETTINGS_IMAGES_MAX];
    struct hand *hand = &asking->hand;
    asking->ask.images = images;
    asking->ask.image_count = settings_images(core, images, SETTINGS_IMAGES_MAX);
    asking->good = hand_read(&asking->ask, hand, asking->error) && is_as_seen(core, asking);
    if (!asking->good) return;
    if (asking->ask.act == HAND_UNSET) {
        asking->good = set_is_changed(core, hand);
        if (!asking->good)
            error_set(asking->error, ERROR_STATE, "nothing of %s%s%.64s is changed by hand", hand->name,
                      hand->item[0] != '\0' ? " " : "", hand->item);
        asking->lasts = set_below_show(core, hand, asking->lasting);
        return;
    }
    rows_look(core, asking);
}

bool act_set(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    assert(act->peer && act->asker.actor);
    const json_t *what = json_object_get(act->request, "what");
    const char *words[COMMAND_FILES_MAX];
    struct setting_asking asking = {.error = error};
    int64_t until_us = 0;
    size_t count = json_array_size(what);
    asking.ask = (struct hand_ask){.act = act->id == COMMAND_set      ? HAND_SET
                                          : act->id == COMMAND_remove ? HAND_REMOVE
                                                                      : HAND_UNSET,
                                   .conf = daemon->conf,
                                   .peer = act->peer,
                                   .words = words,
                                   .word_count = count,
                                   .role = json_string_value(json_object_get(act->request, "role"))};
    asking.seen = json_string_value(json_object_get(act->request, "seen"));
    asking.adds = json_is_true(json_object_get(act->request, "new"));
    if (count == 0 || count > COMMAND_FILES_MAX)
        return error_set(error, ERROR_INPUT, "`what` is an array of 1 to %d texts", COMMAND_FILES_MAX);
    bool profile = set_is_profile(daemon, act, error);
    if (error->code != ERROR_NONE) return false;
    if (asking.adds && (profile || set_is_holiday(act) || count == 1))
        return error_set(error, ERROR_INPUT, "`new` is for a row of a table: TABLE KEY FIELD=VALUE ...");
    if (profile && asking.ask.role)
        return error_set(error, ERROR_DENIED,
                         "no site names a role for the profiles of agents: only an admin may change them");
    if (profile) return admin_act_profile(daemon, act, wait, error);
    if (set_is_holiday(act)) return admin_act_holiday(daemon, act, wait, error);
    for (size_t i = 0; i < count; i++) words[i] = json_string_value(json_array_get(what, i));
    if (!set_until(act, &until_us, error)) return false;
    const char *lines = act->id == COMMAND_set && count == 1 ? strchr(words[0], '=') : NULL;
    struct error none = {0};
    char *expanded = lines && strstr(lines, "holidays ") ? kept_schedule(daemon->conf->state, lines + 1, &none) : NULL;
    char *key = count > 1 && words[0] ? kept_key(daemon->conf->state, words[0]) : NULL;
    asking.ask.key = key;
    asking.ask.schedule = expanded;
    asking.ask.no_calendar = none.code != ERROR_NONE ? none.text : NULL;
    engine_read(daemon->engine, change_look, &asking);
    free(expanded);
    free(key);
    if (asking.good) {
        const struct hand *hand = &asking.hand;
        asking.good = set_hands_post(daemon, act, hand, 1, until_us, wait, error);
        json_put(wait->answer, "name", json_string(hand->name));
        json_put(wait->answer, "key", json_text_of(span_of(hand->item)));
        json_put(wait->answer, "old", json_text_of(span_of(asking.old)));
        json_put(wait->answer, "value", json_text_of(span_of(asking.new)));
        json_put(wait->answer, "until_us", until_us != 0 ? json_integer(until_us) : json_null());
        if (asking.lasts) json_put(wait->answer, "lasting", json_text_of(span_of(asking.lasting)));
        if (asking.good && act->id != COMMAND_unset && hand->table != table_business)
            log_line(daemon->log, LOG_LEVEL_INFO, "admin", 0, 0, "%s changes %s from %s to %s", act->asker.actor,
                     hand->name, asking.old, asking.new);
    }
    hand_free(&asking.hand);
    return asking.good;
}
