/* runtime/daemon/admin/admin_acts.c - Turns the requests of administrators into events.
 *
 * An act is a function per command (`..._post`). The function reads the request, which is not trusted before its
 * words are checked (commands.def has types and roles), and posts one event; `act_wait` says for what the client
 * waits: the core's reply to that event, the end of a load, or nothing. So the core decides everything that depends
 * on its state, in the order of the journal, and a replay decides the same. */
#include "runtime/daemon/admin/admin_acts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/daemon/admin/reads.h"
#include "runtime/daemon/admin/reads_json.h"
#include "runtime/daemon/protocol/words.h"
#include "runtime/daemon/directory/hand.h"
#include "runtime/daemon/service/cuts.h"
#include "runtime/daemon/service/load.h"
#include "runtime/host/real.h"
#include "runtime/vocabulary/events_agent.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_site.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/rows.h"

enum { LINES_DEFAULT = 1000, LINES_MOST = 100000 };

/* Returns a text of the request; empty if the request has none. */
static const char *act_asked(const struct act *act, const char *key)
{
    const char *text = json_string_value(json_object_get(act->request, key));
    return text ? text : "";
}

/* What some requests say about an agent: of a loan the domain to which the agent is lent, and for how long; or the
 * agent's next state, and its reason. All 0 in other requests. */
struct act_agent_words {
    uint64_t domain;
    int64_t lasts_us, lease_us;
    enum agent_state state;
    const char *reason;  /* of a state; or the queue of a move, the routing point of a call-back, whose time is
                          * lasts_us, or the telephone of who listens */
    enum party_op watch; /* how somebody listens */
};

static bool act_agent_post(struct daemon *daemon, const struct act *act, enum admin_op op, const char *name,
                           const struct act_agent_words *words, struct act_wait *wait, struct error *error)
{
    assert(act->asker.actor && name);
    struct writer writer;
    if (strlen(name) > ADDR_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "a name has at most %d bytes", ADDR_MAX_BYTES);
    writer_init(&writer);
    writer_begin(&writer, KIND_AdminRequest);
    writer_u(&writer, ENVELOPE_client, act->client);
    writer_u(&writer, ENVELOPE_req, act->req);
    writer_text(&writer, ENVELOPE_actor, act->asker.actor);
    writer_u(&writer, AdminRequest_op, op);
    if (name[0] != '\0') writer_text(&writer, AdminRequest_name, name);
    writer_text(&writer, AdminRequest_why, act->asker.why);
    writer_u(&writer, AdminRequest_domain, words->domain);
    writer_i(&writer, AdminRequest_lasts, words->lasts_us);
    writer_i(&writer, AdminRequest_lease, words->lease_us);
    writer_u(&writer, AdminRequest_state, words->state);
    if (words->reason) writer_text(&writer, AdminRequest_reason, words->reason);
    writer_u(&writer, AdminRequest_watch, words->watch);
    return act_events_post(daemon, &writer, wait, error);
}

/* Posts the act as an event: the core does it and replies. */
static bool act_request_post(struct daemon *daemon, const struct act *act, enum admin_op op, const char *name,
                             struct act_wait *wait, struct error *error)
{
    return act_agent_post(daemon, act, op, name, &(struct act_agent_words){0}, wait, error);
}

/* Posts a loan of an agent. The core decides which domains, durations and leases are allowed. */
static bool lend_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct act_agent_words loan = {.domain = (uint64_t)json_integer_value(json_object_get(act->request, "domain"))};
    const char *lease = act_asked(act, "lease");
    return hand_duration(act_asked(act, "duration"), &loan.lasts_us, error) &&
           (lease[0] == '\0' || hand_duration(lease, &loan.lease_us, error)) &&
           act_agent_post(daemon, act, admin_op_lend, act_asked(act, "agent"), &loan, wait, error);
}

/* Posts another state of an agent. The core decides which states may be set, and knows the directory's reasons. */
static bool state_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *state = act_asked(act, "state"), *reason = act_asked(act, "reason");
    int value = enum_value_agent_state(state, (uint32_t)strlen(state));
    if (value < 0)
        return error_set(error, ERROR_INPUT, "there is no state `%.40s`; expected ready or not_ready", state);
    if (strlen(reason) > NAME_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "a reason has at most %d bytes", NAME_MAX_BYTES);
    return act_agent_is(daemon, act_asked(act, "agent"), error) &&
           act_agent_post(daemon, act, admin_op_set_state, act_asked(act, "agent"),
                          &(struct act_agent_words){.state = (enum agent_state)value, .reason = reason}, wait, error);
}

/* Posts that somebody listens to an agent's call, or no longer. The core decides who may, and where. */
static bool listen_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *how = act_asked(act, "how"), *at = act_asked(act, "at");
    bool stop = json_is_true(json_object_get(act->request, "stop"));
    int value = *how ? enum_value_party_op(how, (uint32_t)strlen(how)) : (int)party_op_listen;
    if (value < (int)party_op_listen)
        return error_set(error, ERROR_INPUT, "how: `%.40s` is not listen, whisper, join or take_over", how);
    if (strlen(at) > NAME_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "a telephone's number has at most %d bytes", NAME_MAX_BYTES);
    return act_agent_is(daemon, act_asked(act, "agent"), error) &&
           act_agent_post(
               daemon, act, admin_op_listen, act_asked(act, "agent"),
               &(struct act_agent_words){.watch = stop ? party_op_remove : (enum party_op)value, .reason = at}, wait,
               error);
}

/* The id or ConnID that the request names, as it is written; the core parses both. NULL with the reason. */
static const char *act_about(const struct act *act, struct error *error)
{
    uint64_t ixn;
    bool by_conn;
    if (!reads_ixn(act->request, &ixn, &by_conn, error)) return NULL;
    return act_asked(act, by_conn ? "conn" : "ixn");
}

static bool end_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *about = act_about(act, error);
    return about && act_request_post(daemon, act, admin_op_end, about, wait, error);
}

/* Posts that a sound was changed: sounds are files of a desk, so the core only notes it. */
static bool prompt_changed_post(struct daemon *daemon, const struct act *act, struct act_wait *wait,
                                struct error *error)
{
    const char *lasts = act_asked(act, "for");
    struct act_agent_words words = {.reason = act_asked(act, "now")};
    if (strlen(words.reason) > NAME_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "what the prompt is now takes at most %d bytes", NAME_MAX_BYTES);
    return (lasts[0] == '\0' || hand_duration(lasts, &words.lasts_us, error)) &&
           act_agent_post(daemon, act, admin_op_prompt_changed, act_asked(act, "prompt"), &words, wait, error);
}

/* The interaction may be one that nobody knows any more. */
static bool opened_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *about = act_about(act, error);
    if (about && json_is_true(json_object_get(act->request, "plan"))) return true;
    return about && act_request_post(daemon, act, admin_op_opened, about, wait, error);
}

/* The interaction of a ConnID, also of a call that has ended: its id. */
struct act_call {
    uint64_t conn, ixn;
};

static void act_call_look(void *self, struct core *core)
{
    struct act_call *call = self;
    struct interaction_row row;
    if (core_find_call(core, call->conn, &row)) call->ixn = row.ixn;
}

/* Posts that an interaction which has ended be forgotten: the core knows it by its id alone. */
static bool forget_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct act_call call = {0};
    bool by_conn;
    char id[IXN_TEXT];
    if (!reads_ixn(act->request, &call.ixn, &by_conn, error)) return false;
    call.conn = call.ixn;
    if (by_conn) call.ixn = 0;
    if (by_conn) engine_read(daemon->engine, act_call_look, &call);
    ident_print_ixn(call.ixn, id);
    return act_request_post(daemon, act, admin_op_forget, id, wait, error);
}

/* Writes the values of the request, which are written as FIELD=VALUE. Each value stays a text here; the core gives
 * it the type that the site declares. */
static bool act_put_fields(const json_t *fields, struct kv *payload, struct error *error)
{
    size_t at;
    json_t *field;
    json_array_foreach(fields, at, field)
    {
        const char *text = json_string_value(field), *value = text ? strchr(text, '=') : NULL;
        if (!value || value == text)
            return error_set(error, ERROR_INPUT, "`%.64s` is not FIELD=VALUE", text ? text : "");
        struct span key = {(const uint8_t *)text, (uint32_t)(value - text)};
        struct kv_value before;
        if (kv_find(kv_span(payload), key, &before))
            return error_set(error, ERROR_INPUT, "`%.*s` is said twice", (int)key.length, text);
        kv_put(payload, key, &(struct kv_value){.tag = KV_TEXT, .span = span_of(value + 1)});
    }
    if (kv_check(kv_span(payload), error)) return true;
    return false;
}

/* Posts a signal to one interaction; the core checks it against the signals that the site declares. */
static bool signal_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *about = act_about(act, error);
    struct kv payload;
    struct writer writer;
    kv_init(&payload);
    bool good = about && act_put_fields(json_object_get(act->request, "brings"), &payload, error);
    if (good && strlen(act_asked(act, "name")) > NAME_MAX_BYTES)
        good = error_set(error, ERROR_INPUT, "a name has at most %d bytes", NAME_MAX_BYTES);
    if (good) {
        writer_init(&writer);
        writer_begin(&writer, KIND_Signal);
        writer_u(&writer, ENVELOPE_client, act->client);
        writer_u(&writer, ENVELOPE_req, act->req);
        writer_text(&writer, ENVELOPE_actor, act->asker.actor);
        writer_text(&writer, Signal_name, act_asked(act, "name"));
        writer_kv(&writer, Signal_payload, &payload);
        writer_text(&writer, Signal_key, about);
        good = act_events_post(daemon, &writer, wait, error);
    }
    kv_free(&payload);
    return good;
}

/* Writes the pairs as the core reads properties: a priority is a number, `due` a moment, all others are texts. */
static bool put_properties(const struct kv *fields, struct kv *properties, struct error *error)
{
    struct kv_pair pair;
    char text[64], *end;
    for (uint32_t at = 0; kv_next(kv_span(fields), &at, &pair);) {
        struct span value = pair.value.span;
        bool priority = span_is(pair.key, "priority");
        int64_t word;
        if (!priority && !span_is(pair.key, "due")) {
            kv_put(properties, pair.key, &pair.value);
            continue;
        }
        snprintf(text, sizeof text, "%.*s", (int)value.length, (const char *)value.bytes);
        if (!priority && !hand_moment(text, (int64_t)host_wall_clock_us(), &word, error)) return false;
        if (priority) word = strtoll(text, &end, 10);
        if (priority && (*text == '\0' || *end != '\0' || value.length > 18))
            return error_set(error, ERROR_INPUT, "priority: `%s` is no number", text);
        kv_put(properties, pair.key, &(struct kv_value){.tag = priority ? KV_INT : KV_TIME, .word = word});
    }
    return true;
}

/* Posts a change of an interaction. The core makes the change, unless a strategy works on the interaction. */
static bool change_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    uint64_t ixn;
    bool by_conn;
    struct kv fields, properties;
    struct writer writer;
    kv_init(&fields);
    kv_init(&properties);
    bool good = reads_ixn(act->request, &ixn, &by_conn, error) &&
                act_put_fields(json_object_get(act->request, "brings"), &fields, error) &&
                put_properties(&fields, &properties, error);
    if (good) {
        writer_init(&writer);
        writer_begin(&writer, KIND_RequestUserData);
        if (!by_conn) writer_u(&writer, ENVELOPE_ixn, ixn);
        if (by_conn) writer_conn(&writer, ENVELOPE_conn, ixn);
        writer_u(&writer, ENVELOPE_client, act->client);
        writer_u(&writer, ENVELOPE_req, act->req);
        writer_text(&writer, ENVELOPE_actor, act->asker.actor);
        writer_u(&writer, RequestUserData_op, data_op_ChangeProperties);
        writer_kv(&writer, RequestUserData_pairs, &properties);
        writer_text(&writer, RequestUserData_why, act->asker.why);
        good = act_events_post(daemon, &writer, wait, error);
    }
    kv_free(&fields);
    kv_free(&properties);
    return good;
}

/* Posts an act on an interaction that names a place: a queue, or a routing point. */
static bool act_place_post(struct daemon *daemon, const struct act *act, enum admin_op op,
                           const struct act_agent_words *words, struct act_wait *wait, struct error *error)
{
    const char *about = act_about(act, error);
    if (!about) return false;
    if (strlen(words->reason) > NAME_MAX_BYTES)
        return error_set(error, ERROR_INPUT, "a name has at most %d bytes", NAME_MAX_BYTES);
    return act_agent_post(daemon, act, op, about, words, wait, error);
}

static bool move_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    return act_place_post(daemon, act, admin_op_move, &(struct act_agent_words){.reason = act_asked(act, "queue")},
                          wait, error);
}

/* Posts that the caller of a waiting call is called back. */
static bool call_back_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *at = act_asked(act, "at");
    struct act_agent_words words = {.reason = act_asked(act, "point")};
    return (at[0] == '\0' || hand_moment(at, (int64_t)host_wall_clock_us(), &words.lasts_us, error)) &&
           act_place_post(daemon, act, admin_op_call_back, &words, wait, error);
}

/* Posts a reload; the client is answered when the load has ended and is durable: `wait->load`, then `reload.seq`. */
static bool reload_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    wait->refused = daemon->reload.refused;
    daemon->loading.despite = json_is_true(json_object_get(act->request, "despite_freeze"));
    return daemon_load(daemon, &act->asker, &wait->load, error);
}

static bool directory_import_post(struct daemon *daemon, const struct act *act, struct act_wait *wait,
                                  struct error *error)
{
    const char *file = json_string_value(json_object_get(act->request, "file"));
    wait->refused = daemon->reload.refused;
    return daemon_import(daemon, &act->asker, &(struct reload_from){.file = file, .configured = !file}, &wait->load,
                         error);
}

static bool directory_diff_post(struct daemon *daemon, const struct act *act, struct act_wait *wait,
                                struct error *error)
{
    const char *file = json_string_value(json_object_get(act->request, "file"));
    json_int_t lines = json_integer_value(json_object_get(act->request, "lines"));
    struct difference *difference = &daemon->loading.difference;
    if (!daemon->loading.job) {
        difference_free(difference);
        difference->limit = lines > 0 && lines <= LINES_MOST ? (size_t)lines : LINES_DEFAULT;
    }
    return daemon_import(daemon, &act->asker,
                         &(struct reload_from){.file = file, .configured = !file, .difference = difference},
                         &wait->load, error);
}

/* Finds the row of an image that is known now, with its strategies. */
static json_t *act_loaded_json(const char *file, const struct image *image)
{
    json_t *object = json_object(), *names = json_array();
    json_put(object, "file", json_text_of(span_of(file)));
    json_put_hash(object, "image", image_hash(image));
    for (uint32_t i = 0; i < image_count(image, SECTION_STRATEGIES); i++) {
        struct text text = image_text(image, image_strategy(image, i)->name);
        json_append(names, json_text_of((struct span){(const uint8_t *)text.bytes, text.length}));
    }
    json_put(object, "strategies", names);
    return object;
}

/* Puts names that the image needs and the directory in force lacks into the answer. */
static void warnings_put(struct daemon *daemon, const struct image *image, const char *file, json_t *answer)
{
    struct reload_world world = daemon_world(daemon);
    struct warnings warnings = {0};
    json_t *list = json_object_get(answer, "warnings");
    if (!list) json_put(answer, "warnings", list = json_array());
    reload_image_warnings(&world, image, file, &warnings);
    for (size_t i = 0; i < warnings.count; i++) json_append(list, json_text_of(span_of(warnings.texts[i])));
    warnings_clear(&warnings);
}

/* Loads the images that the request names, which are durable when this returns; without names, posts a reload. */
static bool load_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const json_t *files = json_object_get(act->request, "files");
    struct reload_world world = daemon_world(daemon);
    json_t *list = json_array();
    if (json_array_size(files) == 0) {
        json_decref(list);
        return reload_post(daemon, act, wait, error);
    }
    json_put(wait->answer, "images", list);
    for (size_t i = 0; i < json_array_size(files); i++) {
        const char *file = json_string_value(json_array_get(files, i));
        const struct image *image = reload_image(&world, file, error);
        if (!image && error->code == ERROR_UNAVAILABLE && strlen(error->text) + 64 < sizeof error->text)
            strcat(error->text, "; it has to be where gcxvm, as its own user, can read it");
        if (!image) return false;
        json_append(list, act_loaded_json(file, image));
        warnings_put(daemon, image, file, wait->answer);
    }
    return true;
}

/* Posts an activation. The core's Reply answers the client, and may refuse the strategy at the routing point. */
static bool activate_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    struct reload_world world = daemon_world(daemon);
    struct reload_activate asked_for = {act_asked(act, "point"), act_asked(act, "image"), act->client, act->req};
    const struct active *active = reload_activate(&daemon->reload, &world, &asked_for, &act->asker, error);
    if (!active) return false;
    json_put(wait->answer, "at", json_text_of(span_of(active->dn)));
    json_put(wait->answer, "strategy", json_text_of(span_of(active->strategy)));
    json_put_hash(wait->answer, "image", active->image);
    json_put(wait->answer, "by_hand", json_boolean(active->by_hand));
    warnings_put(daemon, reload_hashed(daemon->programs, active->image), "the image", wait->answer);
    wait->reply = true;
    return true;
}

/* Sets a level of the log at once, without an event, since levels belong to this process and not to the core. */
static bool log_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *room = act_asked(act, "room");
    bool all = strcmp(room, "all") == 0;
    enum log_level level;
    char words[WORDS_TEXT];
    (void)wait; /* no waiting: the act is done when this returns */
    if (!log_level_of(act_asked(act, "level"), &level)) {
        words_say("log_level", " or ", words);
        error_set(error, ERROR_INPUT, "there is no level `%.40s`; expected %s", act_asked(act, "level"), words);
    } else if (!all && (strlen(room) >= LOG_ROOM_SIZE || !conf_has_room(daemon->conf, room))) {
        words_say("log_room", ", ", words);
        error_set(error, ERROR_INPUT, "there is no room `%.64s`; expected %s, an adapter's or source's name, or all",
                  room, words);
    } else if (!log_set(daemon->log, all ? NULL : room, level)) {
        error_set(error, ERROR_LIMIT, "%d rooms have a level of their own, and no more may", LOG_ROOMS_MAX);
    } else {
        return true;
    }
    return false;
}

static bool drain_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    bool cancel = json_is_true(json_object_get(act->request, "cancel"));
    if (cancel && daemon->drain.handed)
        return error_set(error, ERROR_STATE, "the lead is given up, and this process ends");
    wait->seq = cancel ? drain_cancel(daemon, &act->asker) : drain_begin(daemon, &act->asker, 0, false);
    return true;
}

/* Hands the lead over; the act is answered when no dialled call rings any more, and the lead is given up or kept. */
static bool handover_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    if (!lead_has_successor(daemon, error)) return false;
    drain_hand_over(daemon, &act->asker);
    wait->lead = true;
    return true;
}

/* Makes a snapshot; the act is answered when the snapshot is written and verified. */
static bool snapshot_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    (void)act;
    return cuts_begin(daemon, &(struct cuts_task){.days = CUTS_DAYS_OF_CONF}, &wait->cut, error);
}

/* Removes old batches, after a snapshot that makes the batches before it superfluous. */
static bool journal_prune_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const json_t *days = json_object_get(act->request, "days");
    struct cuts_task task = {.days = days ? (int64_t)json_integer_value(days) : CUTS_DAYS_OF_CONF};
    return cuts_begin(daemon, &task, &wait->cut, error);
}

static bool journal_verify_post(struct daemon *daemon, const struct act *act, struct act_wait *wait,
                                struct error *error)
{
    (void)act;
    return cuts_begin(daemon, &(struct cuts_task){.what = CUTS_VERIFY}, &wait->cut, error);
}

static bool copy_begin(struct daemon *daemon, const struct act *act, unsigned what, struct act_wait *wait,
                       struct error *error)
{
    const char *folder = json_string_value(json_object_get(act->request, "folder"));
    struct cuts_task task = {.folder = folder};
    task.what = what;
    if (folder[0] == '/') return cuts_begin(daemon, &task, &wait->cut, error);
    return error_set(error, ERROR_INPUT, "`%.100s` is not the whole path of a folder: gcxvm is in another one", folder);
}

/* Asks the adapters to submit what the core lacks; the answer is what is missing after that. */
static bool reconcile_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    if (!cuts_begin(daemon, &(struct cuts_task){.what = CUTS_RECONCILE}, &wait->cut, error)) return false;
    act_request_post(daemon, act, admin_op_reconcile, "", wait, error);
    wait->reply = false;
    return true;
}

/* Defines the functions of acts that need one call only. */
#define POSTS(id, call)                                                                                                \
    static bool id##_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)    \
    {                                                                                                                  \
        return call;                                                                                                   \
    }
POSTS(unset, act_set(daemon, act, wait, error))
POSTS(remove, act_set(daemon, act, wait, error))
POSTS(assign, act_assign(daemon, act, wait, error))
POSTS(set, act_set(daemon, act, wait, error))
POSTS(cancel_callback, act_request_post(daemon, act, admin_op_cancel_callback, act_asked(act, "number"), wait, error))
POSTS(log_out, act_request_post(daemon, act, admin_op_log_out, act_asked(act, "agent"), wait, error))
/* The agent may be one whom the directory does not have any more. */
POSTS(reviewed, act_request_post(daemon, act, admin_op_reviewed, act_asked(act, "agent"), wait, error))
POSTS(recall, act_request_post(daemon, act, admin_op_recall, act_asked(act, "agent"), wait, error))
POSTS(release_claim, act_request_post(daemon, act, admin_op_release_claim, act_asked(act, "agent"), wait, error))
POSTS(debug, act_debug(daemon, act, wait, error))
POSTS(debug_set, act_debug(daemon, act, wait, error))
POSTS(debug_reveal, act_debug(daemon, act, wait, error))
POSTS(campaign, act_campaign(daemon, act, wait, error))
POSTS(rollout, act_rollout(daemon, act, wait, error))
POSTS(retire, act_retire(daemon, act, wait, error))
POSTS(rollout_on, act_rollout_verb(daemon, act, rollout_verb_on, wait, error))
POSTS(rollout_hold, act_rollout_verb(daemon, act, rollout_verb_hold, wait, error))
POSTS(rollout_back, act_rollout_verb(daemon, act, rollout_verb_back, wait, error))
POSTS(rollout_approve, act_rollout_verb(daemon, act, rollout_verb_approve, wait, error))
POSTS(journal_export, copy_begin(daemon, act, CUTS_EXPORT, wait, error))
POSTS(backup, copy_begin(daemon, act, CUTS_BACKUP, wait, error))
#undef POSTS

typedef bool act_poster(struct daemon *, const struct act *, struct act_wait *, struct error *);
/* For every ACT row the table has the function of the row's name: a row without a function does not compile. */
static act_poster *const posters[COMMANDS] = {
#define POSTER_ACT(id) [COMMAND_##id] = id##_post,
#define POSTER_READ(id)
#define POSTER_LOCAL(id)
#define COMMAND(id, name, role, kind, doc) POSTER_##kind(id)
#include "runtime/daemon/protocol/commands.def"
};

bool act_post(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    assert(daemon && act && wait);
    *wait = (struct act_wait){.answer = json_object()};
    assert(act->id < COMMANDS && posters[act->id]);
    if (!act_frozen(daemon, act, error) && posters[act->id](daemon, act, wait, error)) return true;
    json_decref(wait->answer);
    wait->answer = NULL;
    return false;
}
