/* runtime/daemon/admin/admin_rollout.c - Acts of administrators on rollouts, as events.
 *
 *     words (rollout_ask.c) -> the point and both images -> the key, the present rollout, the selection -> the event
 *                                                                                               \-> a plan, no event
 *
 * What can be wrong is told here, with its cure, before the core is asked: the core checks again what depends on its
 * state when the event comes, since another administrator may have been faster. */
#include <stdio.h>
#include <string.h>

#include "base/near.h"
#include "runtime/core/read/rollouts.h"
#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/admin/rollout_ask.h"
#include "runtime/daemon/admin/rollout_plan.h"
#include "runtime/daemon/service/load.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_site.h"
#include "vm/media_set.h"
#include "vm/selection.h"

/* What the core knows of the routing point. */
struct rollout_point {
    const char *dn;
    const struct image *present; /* NULL: no strategy was ever active there */
    char strategy[NAME_MAX_BYTES + 1];
    uint32_t open;                    /* id of the rollout that is open there; 0: none */
    char starter[ADDR_MAX_BYTES + 1]; /* of the rollout that is open */
    bool known;
};

/* On the core's thread. */
static void rollout_point_look(void *self, struct core *core)
{
    struct rollout_point *look = self;
    struct point_row row;
    struct core_rollout_brief brief;
    struct core_rollout rollout;
    look->known = core_point_at(core, span_of(look->dn), &row);
    if (!look->known) return;
    if (row.image) look->present = core_program(core, row.program);
    snprintf(look->strategy, sizeof look->strategy, "%.*s", (int)row.strategy.length, (const char *)row.strategy.bytes);
    for (uint32_t at = 0; core_rollout_brief(core, at, &brief); at++)
        if (brief.open && span_is(brief.point, look->dn) && core_rollout_at(core, at, false, &rollout)) {
            look->open = rollout.id;
            snprintf(look->starter, sizeof look->starter, "%.*s", (int)rollout.starter.length,
                     (const char *)rollout.starter.bytes);
        }
}

/* Checks that the point is there and free. */
static bool rollout_point_good(struct daemon *daemon, struct rollout_point *look, struct error *error)
{
    engine_read(daemon->engine, rollout_point_look, look);
    if (!look->known)
        return error_set(error, ERROR_UNKNOWN,
                         "there is no routing point `%.64s` in the directory of this domain (partition %llu); "
                         "`routing-points` lists them. If `gcxvm --assigned %s` names another domain, begin it there",
                         look->dn, (unsigned long long)daemon->conf->partition, daemon->conf->file);
    if (!look->present)
        return error_set(error, ERROR_STATE, "nothing runs at %.64s yet: activate a first version", look->dn);
    if (look->open != 0)
        return error_set(error, ERROR_STATE,
                         "rollout %u is open at %.64s: end it with rollout-back, or wait; `rollouts` shows it",
                         look->open, look->dn);
    return true;
}

/* Checks the key by which callers keep their version: both versions must declare it, and it must not be secret. */
static bool rollout_key_good(const struct image *image, const char *strategy, const char *which, const char *key,
                             struct error *error)
{
    const struct image_strategy *row = image_strategy_named(image, strategy, (uint32_t)strlen(strategy));
    char near[NAME_MAX_BYTES + 1] = "", name[NAME_MAX_BYTES + 1];
    uint32_t least = UINT32_MAX, length = (uint32_t)strlen(key);
    if (!row || length == 0 || strcmp(key, "ani") == 0 || strcmp(key, "from") == 0) return true;
    if (image_key_secret(image, key, length))
        return error_set(error, ERROR_DENIED, "--by %.64s: that key is secret, and a share by it would tell of it",
                         key);
    if (image_slot_find(image, row, key, length) >= 0) return true;
    for (uint32_t i = 0; i < image_slot_count(row); i++) {
        struct text text = image_text(image, image_slot(image, row, i)->name);
        snprintf(name, sizeof name, "%.*s", (int)text.length, text.bytes);
        if (near_is_nearer(key, name, &least)) memcpy(near, name, sizeof near);
    }
    return error_set(error, ERROR_UNKNOWN, "--by %.64s: the %s version declares no such key%s%s%s", key, which,
                     near[0] != '\0' ? "; did you mean " : "; ani is the caller's number, from who wrote", near,
                     near[0] != '\0' ? "?" : "");
}

static void rollout_write(const struct rollout_ask *ask, const struct image *image, const char *strategy,
                          const struct kv *given, const struct act *act, bool despite, struct writer *writer)
{
    struct kv steps, guards;
    char text[ROLLOUT_GUARD_TEXT];
    kv_init(&steps);
    kv_init(&guards);
    for (unsigned i = 0; i < ask->steps; i++)
        kv_put(&steps, span_of("share"), &(struct kv_value){.tag = KV_INT, .word = ask->shares[i]});
    for (unsigned i = 0; i < ask->guard_count; i++) {
        rollout_guard_write(&ask->guards[i], text);
        kv_put(&guards, span_of("guard"), &(struct kv_value){.tag = KV_TEXT, .span = span_of(text)});
    }
    writer_begin(writer, KIND_Rollout);
    writer_u(writer, ENVELOPE_client, act->client);
    writer_u(writer, ENVELOPE_req, act->req);
    writer_text(writer, ENVELOPE_actor, act->asker.actor);
    writer_u(writer, Rollout_verb, rollout_verb_start);
    writer_text(writer, Rollout_point, ask->point);
    writer_bytes(writer, Rollout_image, (struct span){image_hash(image), IMAGE_HASH});
    writer_text(writer, Rollout_strategy, strategy);
    if (given->length > 0) writer_kv(writer, Rollout_args, given);
    writer_kv(writer, Rollout_steps, &steps);
    if (ask->guard_count > 0) writer_kv(writer, Rollout_guards, &guards);
    writer_i(writer, Rollout_hold, ask->hold_us);
    if (ask->by[0] != '\0') writer_text(writer, Rollout_by, ask->by);
    writer_u(writer, Rollout_ask, ask->ask);
    writer_u(writer, Rollout_approval, ask->approval);
    if (ask->at_us != 0) writer_i(writer, Rollout_at, ask->at_us);
    writer_i(writer, Rollout_expires, ask->expires_us);
    writer_u(writer, Rollout_slices, ask->slices);
    writer_text(writer, Rollout_why, act->asker.why);
    writer_u(writer, Rollout_despite, despite);
    kv_free(&steps);
    kv_free(&guards);
}

enum { PLACE_TEXT = 48 };

/* Writes the file without its folder, and the line. */
static void rollout_place(bool known, const struct image_place *place, char text[PLACE_TEXT])
{
    uint32_t at = place->file.length;
    while (known && at > 0 && place->file.bytes[at - 1] != '/') at--;
    if (known)
        snprintf(text, PLACE_TEXT, "%.*s:%u", (int)(place->file.length - at), place->file.bytes + at,
                 (unsigned)place->line);
    else
        snprintf(text, PLACE_TEXT, "nowhere");
}

/* Says a person's word about the rollout at the point. */
static void rollout_verb_write(const char *point, enum rollout_verb verb, const struct act *act, bool despite,
                               struct writer *writer)
{
    writer_begin(writer, KIND_Rollout);
    writer_u(writer, ENVELOPE_client, act->client);
    writer_u(writer, ENVELOPE_req, act->req);
    writer_text(writer, ENVELOPE_actor, act->asker.actor);
    writer_u(writer, Rollout_verb, verb);
    writer_text(writer, Rollout_point, point);
    writer_text(writer, Rollout_why, act->asker.why);
    writer_u(writer, Rollout_despite, despite);
}

/* Refuses shares by caller where the versions differ in whom they select: both take the same agents then, and the one
 * that takes more looks better. */
static bool rollout_selection_good(const struct rollout_ask *ask, const struct rollout_point *point,
                                   const struct image *image, struct error *error)
{
    struct selection_difference difference;
    char was[PLACE_TEXT], is[PLACE_TEXT];
    struct text name = {point->strategy, (uint32_t)strlen(point->strategy)};
    if (ask->slices || ask->site || selection_compare(point->present, image, name, &difference) == SELECTION_SAME)
        return true;
    rollout_place(difference.old_known, &difference.old, was);
    rollout_place(difference.new_known, &difference.new, is);
    return error_set(error, ERROR_STATE,
                     "use --slices: the versions select agents differently, %.100s (%s before, %s now), and both would "
                     "take the same agents; or judge all arrivals with --site; see gcx-rollout(7)",
                     difference.reason, was, is);
}

static bool rollout_media_good(const struct rollout_point *point, const struct image *image, const char *strategy,
                               struct error *error)
{
    const struct image_strategy *old =
        image_strategy_named(point->present, point->strategy, (uint32_t)strlen(point->strategy));
    const struct image_strategy *new = image_strategy_named(image, strategy, (uint32_t)strlen(strategy));
    if (!old || !new ||
        media_set_is_empty(media_set_but(image_media(point->present, image_strategy_index(point->present, old)),
                                         image_media(image, image_strategy_index(image, new)))))
        return true;
    return error_set(error, ERROR_STATE,
                     "%.64s of that image is not for all media that come to %.64s: build it for them", strategy,
                     point->dn);
}

static bool rollout_good(struct daemon *daemon, struct rollout_ask *ask, const struct rollout_point *point,
                         const struct image *image, const char *strategy, struct error *error)
{
    char ends[FREEZE_TEXT];
    if (point->present && memcmp(image_hash(point->present), image_hash(image), IMAGE_HASH) == 0 &&
        strcmp(point->strategy, strategy) == 0)
        return error_set(error, ERROR_STATE, "that version runs at %.64s already", ask->point);
    if (ask->at_us != 0 && freeze_now(&daemon->conf->frozen, ask->at_us, ends))
        return error_set(error, ERROR_STATE, "--at is in a freeze, which ends %s: choose a time behind it", ends);
    return rollout_media_good(point, image, strategy, error) &&
           rollout_key_good(point->present, point->strategy, "present", ask->by, error) &&
           rollout_key_good(image, strategy, "new", ask->by, error) && rollout_selection_good(ask, point, image, error);
}

/* Begins a rollout, or tells with `plan` how long it would take. */
bool act_rollout(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct reload_world world = daemon_world(daemon);
    struct rollout_ask ask;
    char strategy[NAME_MAX_BYTES + 1];
    struct writer writer;
    struct kv given;
    if (!rollout_ask_read(act->request, (int64_t)host_wall_clock_us(), &ask, error)) return false;
    struct rollout_point point = {.dn = ask.point};
    if (!rollout_point_good(daemon, &point, error)) return false;
    const struct image *image = reload_asked(&daemon->reload, &world, ask.point, ask.what, strategy, &given, error);
    bool good = image && rollout_good(daemon, &ask, &point, image, strategy, error);
    if (good) {
        json_put(wait->answer, "point", json_text_of(span_of(ask.point)));
        json_put(wait->answer, "strategy", json_text_of(span_of(strategy)));
        json_put_hash(wait->answer, "image", image_hash(image));
        json_put(wait->answer, "only_plan", json_boolean(ask.plan));
        json_put(wait->answer, "needs_approval", json_boolean(ask.approval));
        json_put(wait->answer, "at_us", ask.at_us != 0 ? json_integer(ask.at_us) : json_null());
        if (ask.plan) rollout_plan_put(daemon, &ask, point.strategy, wait->answer);
    }
    if (good && !ask.plan) {
        writer_init(&writer);
        rollout_write(&ask, image, strategy, &given, act, act_despite_freeze(daemon, act), &writer);
        good = act_events_post(daemon, &writer, wait, error);
    }
    kv_free(&given);
    return good;
}

/* Returns the account of an actor, which is "ACCOUNT" or "PERSON by ACCOUNT". */
static const char *rollout_account(const char *actor)
{
    const char *account = actor;
    for (const char *by; (by = strstr(account, " by ")) != NULL;) account = by + strlen(" by ");
    return account;
}

/* Refuses the approval of the account that began the rollout: it does not become another person by a name that it
 * tells. Two persons of one account, such as of a desk, are two. */
static bool rollout_approver_good(struct daemon *daemon, const char *point, const struct act *act, struct error *error)
{
    struct rollout_point look = {.dn = point};
    engine_read(daemon->engine, rollout_point_look, &look);
    const char *starter = rollout_account(look.starter), *approver = rollout_account(act->asker.actor);
    bool persons = starter != look.starter && approver != act->asker.actor;
    if (look.open == 0 || persons || strcmp(starter, approver) != 0) return true;
    return error_set(error, ERROR_DENIED,
                     "another person than the one who began it approves a rollout, by another account: %.64s began it",
                     look.starter);
}

/* Refuses a word about a rollout that is over: the one that is open there now is not the one that the person saw. */
static bool rollout_seen_good(struct daemon *daemon, const char *point, const json_t *seen, struct error *error)
{
    struct rollout_point look = {.dn = point};
    long long asked = json_integer_value(seen);
    if (!seen) return true;
    engine_read(daemon->engine, rollout_point_look, &look);
    if (look.open != 0 && asked == look.open) return true;
    if (look.open == 0)
        return error_set(error, ERROR_STATE, "rollout %lld at %.64s is not open any more. Look again", asked, point);
    return error_set(error, ERROR_STATE,
                     "%.64s was changed meanwhile: rollout %lld is not open any more, and rollout %u by %.64s is. "
                     "Look again",
                     point, asked, look.open, look.starter);
}

/* Says a word of a person about the rollout at the point: go on, hold it, go back, or approve it. */
bool act_rollout_verb(struct daemon *daemon, const struct act *act, enum rollout_verb verb, struct act_wait *wait,
                      struct error *error)
{
    const char *point = json_string_value(json_object_get(act->request, "point"));
    struct writer writer;
    if (strlen(point) > NAME_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "a name has at most %d bytes", NAME_MAX_BYTES);
    if (!rollout_seen_good(daemon, point, json_object_get(act->request, "rollout"), error)) return false;
    if (verb == rollout_verb_approve && !rollout_approver_good(daemon, point, act, error)) return false;
    writer_init(&writer);
    rollout_verb_write(point, verb, act, act_despite_freeze(daemon, act), &writer);
    return act_events_post(daemon, &writer, wait, error);
}
