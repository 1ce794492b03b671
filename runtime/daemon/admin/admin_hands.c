/* runtime/daemon/admin/admin_hands.c - Posts changes of settings by hand, for admin_set.c and admin_holiday.c.
 *
 * A hand is one row that an administrator changes in the running core, with the same events as a load of the directory:
 * the rows, then one commit, by which all rows come into force at once. A hand has the version of the loaded directory.
 * The change ends with `for` ("2h") or `until` (a moment), or stays until somebody removes it. */

#include <string.h>

#include "runtime/daemon/admin/admin_set.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/admin/settings.h"
#include "runtime/daemon/directory/hand.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_site.h"

/* Collects the programs of all routing points, each once. The images of these programs show which settings anybody
 * reads. */
size_t settings_images(const struct core *core, const struct image **images, size_t count)
{
    struct point_row row;
    size_t found = 0;
    for (uint32_t at = 0; core_point(core, at, &row); at++) {
        const struct image *image = row.known && row.image ? core_program(core, row.program) : NULL;
        bool again = !image;
        for (size_t i = 0; !again && i < found; i++) again = images[i] == image;
        if (!again && found < count) images[found++] = image;
    }
    return found;
}

/* True: the setting is already changed by hand. If `item` is empty, a change of any item of the setting counts. */
bool set_is_changed(const struct core *core, const struct hand *hand)
{
    struct change_row row;
    for (uint32_t at = 0; core_change(core, at, &row); at++)
        if (row.name.length > 0 && row.table == hand->table && span_is(row.name, hand->name) &&
            (hand->item[0] == '\0' || span_is(row.item, hand->item)))
            return true;
    return false;
}

bool set_below_show(const struct core *core, const struct hand *hand, char text[HAND_TEXT_MAX])
{
    struct change_row row;
    struct kv_value value;
    if (!core_change_below(core, hand->table, span_of(hand->name), span_of(hand->item), &row)) return false;
    if (hand->table == table_business && (!kv_get(row.row, "value", &value) || value.tag == KV_NONE))
        strcpy(text, "removed");
    else
        hand_show(hand, row.row, text);
    return true;
}

static void set_row_write(struct daemon *daemon, const struct act *act, const struct hand *hand, int64_t until_us,
                          struct writer *writer)
{
    writer_begin(writer, KIND_DirectoryRow);
    writer_text(writer, ENVELOPE_actor, act->asker.actor);
    writer_u(writer, DirectoryRow_version, daemon->reload.version);
    writer_u(writer, DirectoryRow_table, hand->table);
    writer_text(writer, DirectoryRow_key, hand->name);
    if (hand->row.length > 0) writer_kv(writer, DirectoryRow_row, &hand->row);
    if (until_us != 0) writer_i(writer, DirectoryRow_until, until_us);
    if (act->asker.why) writer_text(writer, DirectoryRow_why, act->asker.why);
    writer_u(writer, DirectoryRow_hand, true);
    if (hand->item[0] != '\0') writer_text(writer, DirectoryRow_item, hand->item);
    (void)writer_end(writer);
}

int64_t set_changed_at(const struct core *core, const struct hand *hand, struct change_row *found)
{
    struct read_setting whole;
    struct change_row row;
    int64_t at_us = 0;
    *found = (struct change_row){0};
    core_setting(core, hand->table, span_of(hand->name), &whole);
    if (hand->table != table_business && hand->item[0] == '\0') {
        *found = (struct change_row){.actor = whole.actor, .why = whole.why};
        return whole.at_us;
    }
    for (uint32_t at = 0; core_change(core, at, &row); at++)
        if (row.table == hand->table && span_is(row.name, hand->name) && span_is(row.item, hand->item) &&
            row.at_us > at_us) {
            at_us = row.at_us;
            *found = row;
        }
    return at_us;
}

bool set_refuse_unseen(const char *name, const char *item, const struct change_row *row, struct error *error)
{
    const char *space = item[0] != '\0' ? " " : "";
    if (row->actor.length == 0)
        return error_set(error, ERROR_STATE,
                         "%s%s%.64s was changed meanwhile: the change by hand is taken back. Look again", name, space,
                         item);
    /* "anne by desk(1000)" is anne: through whom she has done it stands in the audit. */
    const char *through = memmem(row->actor.bytes, row->actor.length, " by ", 4);
    return error_set(error, ERROR_STATE, "%s%s%.64s was changed meanwhile by %.*s: %.*s. Look again", name, space, item,
                     through ? (int)(through - (const char *)row->actor.bytes) : (int)row->actor.length,
                     (const char *)row->actor.bytes, (int)row->why.length, (const char *)row->why.bytes);
}

/* Posts the rows and their commit, which follow each other directly in the core's queue. */
bool set_hands_post(struct daemon *daemon, const struct act *act, const struct hand *hands, size_t count,
                    int64_t until_us, struct act_wait *wait, struct error *error)
{
    struct writer writer;
    writer_init(&writer);
    for (size_t at = 0; at < count; at++) set_row_write(daemon, act, &hands[at], until_us, &writer);
    writer_begin(&writer, KIND_DirectoryCommit);
    writer_u(&writer, ENVELOPE_client, act->client);
    writer_u(&writer, ENVELOPE_req, act->req);
    writer_text(&writer, ENVELOPE_actor, act->asker.actor);
    writer_u(&writer, DirectoryCommit_version, daemon->reload.version);
    if (act->asker.why) writer_text(&writer, DirectoryCommit_why, act->asker.why);
    return act_events_post(daemon, &writer, wait, error);
}

bool set_until(const struct act *act, int64_t *until_us, struct error *error)
{
    const char *duration = json_string_value(json_object_get(act->request, "for"));
    const char *moment = json_string_value(json_object_get(act->request, "until"));
    int64_t for_us = 0, now_us = (int64_t)host_wall_clock_us();
    *until_us = 0;
    if (duration && moment)
        return error_set(error, ERROR_INPUT, "`for` and `until` both say when it ends: give one of them");
    if (duration && !hand_duration(duration, &for_us, error)) return false;
    if (for_us != 0) *until_us = now_us + for_us;
    return !moment || hand_moment(moment, now_us, until_us, error);
}
