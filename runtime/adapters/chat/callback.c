/* runtime/adapters/chat/callback.c - Call-backs that customers ask for at a web page: the requests of the page, the
 * answers of the core, and which numbers may be called.
 *
 * A call costs money and rings at somebody's place. So a number must begin as the setting of the site allows, an IP
 * address may ask only a few times in a minute, all addresses together only so often in an hour, and one number has
 * one call-back at a time.
 *
 *     page                 this file                         core
 *     GET  /callbacks      callbacks_offer()
 *     POST /callbacks      callbacks_ask()    -- Submit ---> books it
 *          202             callback_is_taken()  <-- Reply --
 *     GET  /callbacks/ID   callback_show()
 *                          callback_look()    -- Read -----> each LOOK_S; once it is due, each second
 *                          callback_is_seen()   <---- what it has
 *     DELETE .../ID        callback_withdraw() -- RequestStop -->
 *
 *     ASKED --> SCHEDULED --> QUEUED --> ROUTING --> PROCESSING --> COMPLETED, with a reason
 *        '----- now ----------^
 *
 * The core holds the call-back; the state here only repeats what the core has answered. The page chooses the `id`,
 * so a page whose answer was lost asks again with the same one and books once. A row of the contact store is written
 * when the state changes, but not while the state is ASKED: no promise is lost if the process is killed then.
 *
 * The answer 202 says that the customer will be called and that the next process will know of the call-back too: the
 * core has booked it and the row is in the contact store. Where the contact store is away for LATE_S the customer
 * gets 503 and the core is asked to cancel the call-back: if the process were killed without a row, nobody could
 * withdraw the call, and an erasing of the customer would not find it. */
#include "runtime/adapters/chat/callback.h"

#include <assert.h>
#include <event2/buffer.h>
#include <event2/http.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/chat/chat.h"
#include "runtime/adapters/chat/hours.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/controls.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"
#include "runtime/vocabulary/person.h"
#include "runtime/vocabulary/state_files.h"
#include "base/why.h"
#include "runtime/web/origins.h"
#include "runtime/web/reply.h"

#define CALLBACKS        "/callbacks"
#define DATA_NAME        "callback"          /* key in the booking's data by which the core finds it (booking.h) */
#define CALLBACK_NUMBERS (UINT64_C(1) << 60) /* the first number of the call-backs' requests and reads to the core */
#define SECOND_OF_US     INT64_C(1000000)
enum { ID_LEAST = 24, ID_MOST = 64, NAME_DIGITS = 32, PERSON_NAME = 100, SHOWN_TIMES = 12, SOONEST_S = 120 };
enum { FARTHEST_S = 14 * 24 * 3600 /* two weeks: hours_next() searches no further */, BOOKS_S = 60 };
enum { KEPT_MAX = 10000, KEPT_S = 3600, HOUR_S = 3600, LOOKS_AT_ONCE = 50, LOOK_S = 30, LATE_S = 10, BODY_MOST = 1024 };
enum { HTTP_TAKEN = 202 }; /* libevent has no name for 202 */
enum { NEWER_S = 30 * 24 * 3600, STATE_MOST = 99 };

enum callback_state {
    CALLBACK_ASKED,
    CALLBACK_SCHEDULED,
    CALLBACK_QUEUED,
    CALLBACK_ROUTING,
    CALLBACK_PROCESSING,
    CALLBACK_COMPLETED,
    CALLBACK_NEWER /* a state that only a newer release has: its row stays as it is, and `unsure` is set */
};
static const char *const state_words[] = {"ASKED", "SCHEDULED", "QUEUED", "ROUTING", "PROCESSING", "COMPLETED"};

struct callback {
    char *number;               /* the customer's number; "": the call-back is over, or erased */
    char name[NAME_DIGITS + 1]; /* the name of the call-back in the core and in the contact store */
    enum callback_state state;
    const char *reason;     /* why the call-back is COMPLETED */
    int64_t due_s, asked_s; /* by the wall clock */
    int64_t over_s;         /* since when the call-back is COMPLETED */
    uint64_t ixn;           /* the core's interaction of the call-back; 0: none has begun */
    uint64_t req, token;    /* the number of the request or read whose answer is awaited; 0: none */
    uint64_t since_s;       /* when `req` or `token` was sent */
    uint64_t looked_s;      /* when the core was asked last */
    bool now, reached;
    bool cancels; /* a withdrawal was sent, or has worked */
    /* withdrawn: the customer has asked to withdraw; booked: the core had the booking at some time */
    bool withdrawn, booked;
    bool erased;        /* the customer was erased: the number is gone, and the call-back is withdrawn */
    bool unkept;        /* the customer got 503 because the contact store is away: the call-back is withdrawn */
    int64_t let_go_s;   /* when the withdrawal after `erased` or `unkept` was last tried; 0: never */
    bool unsure;        /* the customer got 503, and nobody knows whether the core has the booking */
    int64_t posted_s;   /* when this process asked the core to book; 0: an earlier process asked */
    bool by_number;     /* `token` asks by the number of the interaction, not by `name` */
    struct asker asker; /* the customer's request that waits for an answer */
    int code;           /* HTTP status for `asker` once the contact store has the row; 0: none yet */
    int64_t answer_s;   /* since when the answer waits for the contact store: LATE_S at most */
};

struct callbacks {
    struct chat *chat;
    struct hours hours;
    char **numbers;  /* how allowed numbers begin; those with an exclamation mark in front are forbidden */
    GHashTable *all; /* of struct callback, by name */
    uint64_t requests;
    int64_t hour_s; /* since when `in_hour` is counted */
    uint64_t in_hour;
    struct writer writer;
};

static int64_t callbacks_now_s(const struct callbacks *callbacks)
{
    const struct chat *chat = callbacks->chat;
    return (int64_t)(chat->services->wall_us(chat->link) / 1000000);
}

/* ---- answers ---- */

static void callback_answer(struct evhttp_request *http, int code, json_t *object)
{
    page_headers(http);
    reply_json(http, code, object);
}

static void callback_refuse(struct evhttp_request *http, int code, const char *error)
{
    callback_answer(http, code, json_pack("{s:s}", "error", error));
}

static void callback_show(struct evhttp_request *http, int code, const struct callback *callback)
{
    json_t *shown = json_pack("{s:s, s:I, s:b}", "state", state_words[callback->state], "at",
                              (json_int_t)callback->due_s * 1000, "now", callback->now);
    if (callback->state == CALLBACK_COMPLETED) json_object_set_new(shown, "reason", json_string(callback->reason));
    callback_answer(http, code, shown);
}

/* ---- one ---- */

static void callback_waits(struct callback *callback, struct evhttp_request *http)
{
    callback->code = 0;
    asker_begin(&callback->asker, http);
}

static void callback_free(gpointer data)
{
    struct callback *callback = data;
    (void)asker_end(&callback->asker);
    g_free(callback->number);
    free(callback);
}

/* Writes the name of the call-back in the core and in logs: a digest of the `id`, as the `id` is a secret between
 * the page and the customer. */
static void callback_name(const char *id, char name[NAME_DIGITS + 1])
{
    char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, id, -1);
    g_strlcpy(name, digest, NAME_DIGITS + 1);
    g_free(digest);
}

static void callback_save(const struct callbacks *callbacks, const struct callback *callback)
{
    if (callback->state == CALLBACK_ASKED) return;
    json_t *row = json_pack("{s:i, s:I, s:I, s:I, s:b, s:b, s:b, s:b, s:I, s:s}", "state", (int)callback->state, "due",
                            (json_int_t)callback->due_s, "asked", (json_int_t)callback->asked_s, "ixn",
                            (json_int_t)callback->ixn, "now", callback->now, "reached", callback->reached, "unsure",
                            callback->unsure, "unkept", callback->unkept, "over", (json_int_t)callback->over_s,
                            "reason", callback->reason ? callback->reason : "");
    char *saved = json_dumps(row, JSON_COMPACT);
    const char *person = callback->state == CALLBACK_COMPLETED ? NULL : callback->number;
    memos_put(callbacks->chat->conversations.memos, &(struct memo){callback->name, person, saved});
    json_decref(row);
    free(saved);
}

static void callback_answer_now(struct callback *callback)
{
    struct evhttp_request *http = callback->code != 0 ? asker_end(&callback->asker) : NULL;
    if (http && callback->code == HTTP_SERVUNAVAIL)
        callback_refuse(http, callback->code, "away");
    else if (http)
        callback_show(http, callback->code, callback);
    callback->code = 0;
}

static void callback_forget(struct callbacks *callbacks, struct callback *callback)
{
    callback_answer_now(callback);
    memos_drop(callbacks->chat->conversations.memos, callback->name);
    g_hash_table_remove(callbacks->all, callback->name);
}

/* Answers the waiting page with `code` once the contact store has the row, so that the next process would know the
 * call-back too. */
static void callback_answer_when_kept(const struct callbacks *callbacks, struct callback *callback, int code)
{
    callback->code = code;
    callback->answer_s = callbacks_now_s(callbacks);
    if (memos_have_kept(callbacks->chat->conversations.memos, callback->name)) callback_answer_now(callback);
}

static void callback_is_kept(void *self, const char *name)
{
    const struct callbacks *callbacks = ((struct chat *)self)->callbacks;
    struct callback *callback = g_hash_table_lookup(callbacks->all, name);
    if (callback) callback_answer_now(callback);
}

/* Answers the page where the contact store has not kept the row, or not in time. A process that is killed now would
 * leave a call-back that the next one cannot withdraw and that erasing the customer does not find. So a 202 becomes
 * a 503, and the core is asked to cancel the call-back. The answer to a withdrawal stays as it is: the core has
 * already cancelled that call-back. */
static void callback_goes_unkept(const struct callbacks *callbacks, struct callback *callback)
{
    if (callback->code == HTTP_TAKEN) {
        callback->unkept = callback->state != CALLBACK_COMPLETED;
        callback->code = HTTP_SERVUNAVAIL;
        callback_save(callbacks, callback);
    }
    callback_answer_now(callback);
}

/* Must the customer get 503, since the fate of the call-back is not known yet? */
static bool callback_is_open(const struct callback *callback)
{
    return callback->unsure || callback->unkept || callback->code != 0;
}

static void callback_is_not_kept(void *self, const char *name)
{
    const struct callbacks *callbacks = ((struct chat *)self)->callbacks;
    struct callback *callback = g_hash_table_lookup(callbacks->all, name);
    if (callback && callback->code != 0) callback_goes_unkept(callbacks, callback);
}

static const char *const reasons[] = {
    "AGENT_CONNECTED",          "CANCELLED", "FAIL_CALL_TO_CUSTOMER", "FAIL_TARGET_NOT_FOUND", "FAIL_AGENT_CONNECT",
    "FAIL_INTERACTION_DELETED", "FAIL_ERROR"};

/* Returns the entry of `reasons` that equals `word`, which is never freed; "FAIL_ERROR" where none does. */
static const char *callback_reason(const char *word)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strcmp(reasons[i], word) == 0) return reasons[i];
    return "FAIL_ERROR";
}

/* Sets the state of the call-back. COMPLETED is the end: no later answer changes that state. */
static void callback_becomes(struct callbacks *callbacks, struct callback *callback, enum callback_state state,
                             const char *reason)
{
    if (callback->state == state || callback->state == CALLBACK_COMPLETED) return;
    callback->state = state;
    callback->reason = reason ? callback_reason(reason) : NULL;
    if (state == CALLBACK_COMPLETED) {
        callback->unkept = false;
        callback->over_s = callbacks_now_s(callbacks);
        g_free(callback->number); /* no row has the number now: its owner may have been erased */
        callback->number = g_strdup("");
    }
    callback_save(callbacks, callback);
    callbacks->chat->services->log(callbacks->chat->link, GCX_LOG_INFO, callback->ixn, 0, "call-back %s: %s%s%s",
                                   callback->name, state_words[state], reason ? " " : "", reason ? reason : "");
}

/* ---- numbers and times ---- */

/* May this number be called back? The longest beginning in the setting that fits the number decides. */
static bool number_may(const struct callbacks *callbacks, const char *number)
{
    size_t longest = 0;
    bool may = false;
    for (char **one = callbacks->numbers; *one; one++) {
        const char *begins = **one == '!' ? *one + 1 : *one;
        size_t length = strlen(begins);
        if (length < longest || strncmp(number, begins, length) != 0) continue;
        longest = length;
        may = **one != '!';
    }
    return may;
}

/* Counts in `*at_time` the call-backs that are due at that time and not over. True: this number has a call-back that
 * is not over yet. */
static bool number_waits(const struct callbacks *callbacks, const char *number, int64_t due_s, unsigned *at_time)
{
    GHashTableIter at;
    gpointer value;
    bool waits = false;
    *at_time = 0;
    g_hash_table_iter_init(&at, callbacks->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct callback *callback = value;
        if (callback->state == CALLBACK_COMPLETED) continue;
        waits |= number && strcmp(callback->number, number) == 0;
        *at_time += !callback->now && callback->due_s == due_s;
    }
    return waits;
}

static bool time_is_free(const struct callbacks *callbacks, int64_t due_s)
{
    unsigned at_time;
    (void)number_waits(callbacks, NULL, due_s, &at_time);
    return at_time < callbacks->chat->setting.callback_places;
}

static void callbacks_offer(const struct callbacks *callbacks, struct evhttp_request *http)
{
    const struct chat *chat = callbacks->chat;
    int64_t now_s = callbacks_now_s(callbacks), at_s = now_s + SOONEST_S;
    json_t *times = json_array();
    while (json_array_size(times) < SHOWN_TIMES &&
           (at_s = hours_next(&callbacks->hours, at_s, chat->setting.callback_every)) != 0)
        if (time_is_free(callbacks, at_s)) json_array_append_new(times, json_integer((json_int_t)at_s * 1000));
    bool now = chat->services->up(chat->link) && hours_open(&callbacks->hours, now_s);
    callback_answer(http, HTTP_OK, json_pack("{s:b, s:o}", "now", now, "times", times));
}

/* ---- the core ---- */

static void callbacks_post(struct callbacks *callbacks, struct callback *callback)
{
    struct chat *chat = callbacks->chat;
    outbox_post(&chat->conversations.outbox, writer_end(&callbacks->writer));
    callback->since_s = (uint64_t)callbacks_now_s(callbacks);
}

static struct writer *callbacks_begin(struct callbacks *callbacks, struct callback *callback, unsigned kind)
{
    struct writer *writer = &callbacks->writer;
    callback->req = CALLBACK_NUMBERS + ++callbacks->requests;
    writer_clear(writer);
    writer_begin(writer, kind);
    writer_i(writer, ENVELOPE_at, (int64_t)callbacks->chat->services->wall_us(callbacks->chat->link));
    writer_u(writer, ENVELOPE_req, callback->req);
    return writer;
}

static void callback_submit(struct callbacks *callbacks, struct callback *callback, const char *person)
{
    struct writer *writer = callbacks_begin(callbacks, callback, KIND_Submit);
    struct kv data;
    writer_u(writer, Submit_media, media_callback);
    writer_text(writer, Submit_queue, callbacks->chat->setting.callbacks);
    writer_text(writer, Submit_from, callback->number);
    writer_i(writer, Submit_due, callback->due_s * SECOND_OF_US);
    kv_init(&data);
    kv_put_text(&data, DATA_NAME, span_of(callback->name));
    if (*person) kv_put_text(&data, "sender_name", span_of(person));
    writer_kv(writer, Submit_data, &data);
    kv_free(&data);
    callbacks_post(callbacks, callback);
    callback->posted_s = callbacks_now_s(callbacks);
}

static void callback_withdraw(struct callbacks *callbacks, struct callback *callback)
{
    struct writer *writer = callbacks_begin(callbacks, callback, KIND_RequestStop);
    writer_text(writer, RequestStop_external_id, callback->name);
    callback->cancels = callback->withdrawn = true;
    callbacks_post(callbacks, callback);
}

/* Asks the core about the call-back: by its name, or else by the number of its interaction, which is asked once the
 * name is no longer known. */
static void callback_look(struct callbacks *callbacks, struct callback *callback, bool by_name)
{
    const struct chat *chat = callbacks->chat;
    struct writer *writer = &callbacks->writer;
    char ixn[IXN_TEXT];
    ident_print_ixn(callback->ixn, ixn);
    callback->token = CALLBACK_NUMBERS + ++callbacks->requests;
    callback->by_number = !by_name;
    writer_clear(writer);
    writer_begin(writer, KIND_Read);
    writer_u(writer, Read_token, callback->token);
    writer_u(writer, Read_what, object_interaction);
    writer_text(writer, Read_name, by_name ? callback->name : ixn);
    writer_u(writer, Read_external, by_name);
    callback->since_s = callback->looked_s = (uint64_t)callbacks_now_s(callbacks);
    if (!chat->services->read(chat->link, writer_end(writer))) callback->token = 0;
}

static struct callback *callback_that_asked(const struct callbacks *callbacks, uint64_t number)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, callbacks->all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct callback *callback = value;
        if (callback->req == number || callback->token == number) return callback;
    }
    return NULL;
}

static bool value_is(struct span list, const char *key, const char *word)
{
    struct kv_value value;
    return kv_get(list, key, &value) && value.tag == KV_TEXT && span_is(value.span, word);
}

static bool value_holds(struct span list, const char *key)
{
    struct kv_value value;
    return kv_get(list, key, &value) && value.tag == KV_BOOL && value.word != 0;
}

/* Names the reason for the end of the call-back from the outcome of its interaction. */
static const char *reason_by_outcome(const struct callback *callback, struct span answer)
{
    if (value_is(answer, "outcome", "routed") || value_is(answer, "outcome", "queued") ||
        value_is(answer, "outcome", "defaulted"))
        return "AGENT_CONNECTED";
    if (callback->cancels) return "CANCELLED";
    if (value_is(answer, "outcome", "abandoned")) return "FAIL_AGENT_CONNECT";
    if (value_is(answer, "outcome", "stopped") || value_is(answer, "outcome", ""))
        return callback->reached ? "FAIL_TARGET_NOT_FOUND" : "FAIL_CALL_TO_CUSTOMER";
    return "FAIL_ERROR";
}

static void callback_is_booked(struct callbacks *callbacks, struct callback *callback, struct span answer)
{
    struct kv_value value;
    char id[IXN_TEXT];
    const struct callback before = *callback;
    callback->ixn = 0;
    callback->booked = true;
    callback->unsure = false;
    if (kv_get(answer, "id", &value) && value.tag == KV_TEXT && text_set_span(id, sizeof id, value.span))
        (void)ident_read_ixn(id, &callback->ixn);
    if (kv_get(answer, "due", &value) && value.tag == KV_TIME &&
        callback->ixn == 0) /* the core may have moved the call-back to another time by now */
        callback->due_s = value.word / SECOND_OF_US;
    bool due = callback->due_s <= callbacks_now_s(callbacks);
    callback->reached |= value_holds(answer, "reached");
    callback_becomes(callbacks, callback,
                     callback->ixn == 0                      ? (due ? CALLBACK_QUEUED : CALLBACK_SCHEDULED)
                     : value_is(answer, "state", "handling") ? CALLBACK_PROCESSING
                     : value_holds(answer, "reached")        ? CALLBACK_ROUTING
                                                             : CALLBACK_QUEUED,
                     NULL);
    if (before.ixn != callback->ixn || before.due_s != callback->due_s || before.reached != callback->reached ||
        before.unsure)
        callback_save(callbacks, callback);
}

/* May the booking still come into being? The request to the core may still wait in the outbox, or be on its way. */
static bool callback_may_be_booked(struct callbacks *callbacks, const struct callback *callback)
{
    bool young = callbacks_now_s(callbacks) - callback->posted_s < BOOKS_S;
    return !callback->booked &&
           (young || (callback->posted_s != 0 && outbox_length(&callbacks->chat->conversations.outbox) > 0));
}

/* Takes the core's answer about a call-back. The core is asked first for the booking by its name; if it is gone, for
 * the interaction by its number; if that is unknown too, the call-back is over. A booking that was sent a moment ago
 * may be missing from the core without being over. */
static void callback_is_seen(struct callbacks *callbacks, struct callback *callback, struct span answer)
{
    struct kv_value value;
    bool by_number = callback->by_number;
    if (kv_get(answer, "due", &value)) {
        callback_is_booked(callbacks, callback, answer);
    } else if (by_number && kv_get(answer, "state", &value)) { /* the interaction goes on after its booking is gone */
        return;
    } else if (callback->ixn != 0 && !by_number) {
        callback_look(callbacks, callback, false);
    } else if (by_number) {
        callback_becomes(callbacks, callback, CALLBACK_COMPLETED, reason_by_outcome(callback, answer));
    } else if (callback_may_be_booked(callbacks, callback)) {
        return;
    } else if (callback->unkept || (callback->unsure && !callback->withdrawn)) {
        callback_forget(callbacks, callback); /* the customer may ask again, with the same `id` too */
    } else {
        callback_becomes(callbacks, callback, CALLBACK_COMPLETED,
                         callback->withdrawn ? "CANCELLED" : "FAIL_INTERACTION_DELETED");
    }
}

/* The core has answered: it has taken the call-back, or refuses it. The page gets 202 only here, after the core has
 * said yes. What the core refuses is forgotten, so the customer may ask again. */
static void callback_is_taken(struct callbacks *callbacks, struct callback *callback, const struct message *reply)
{
    unsigned code = (unsigned)message_u(reply, Reply_code);
    if (message_u(reply, Reply_outcome) == outcome_ok) {
        callback->booked = true;
        callback_becomes(callbacks, callback, callback->now ? CALLBACK_QUEUED : CALLBACK_SCHEDULED, NULL);
        callback_answer_when_kept(callbacks, callback, HTTP_TAKEN);
        callback_look(callbacks, callback, true);
        return;
    }
    struct evhttp_request *http = asker_end(&callback->asker);
    callbacks->chat->services->log(callbacks->chat->link, GCX_LOG_ERROR, 0, 0, "call-back %s: the core refuses it: %s",
                                   callback->name, enum_name_code(code));
    if (http)
        callback_refuse(http,
                        code == code_duplicate        ? 409
                        : code == code_invalid_number ? 400
                                                      : 503,
                        code == code_duplicate        ? "duplicate"
                        : code == code_invalid_number ? "number"
                                                      : "away");
    callback_forget(callbacks, callback);
}

static void callback_is_withdrawn(struct callbacks *callbacks, struct callback *callback, const struct message *reply)
{
    bool good = message_u(reply, Reply_outcome) == outcome_ok;
    callback->cancels = callback->withdrawn = good;
    callback->unsure &= !good;
    if (good && callback->unkept) { /* its customer was told to ask again, with the same id */
        callback_forget(callbacks, callback);
        return;
    }
    if (good) {
        callback_becomes(callbacks, callback, CALLBACK_COMPLETED, "CANCELLED");
        callback_answer_when_kept(callbacks, callback, HTTP_OK);
        return;
    }
    struct evhttp_request *http = asker_end(&callback->asker);
    if (http) callback_refuse(http, 409, "late");
}

/* Handles an answer of the core to a request or read of the call-backs, which have the numbers from CALLBACK_NUMBERS
 * to twice that; false: another part of the plugin has asked. Also true for an answer to a call-back that no longer
 * exists. */
bool callbacks_answered(struct callbacks *callbacks, const struct message *effect)
{
    bool reply = effect->kind == KIND_Reply, read = effect->kind == KIND_ReadReply;
    uint64_t number = reply ? message_u(effect, ENVELOPE_req) : read ? message_u(effect, ReadReply_token) : 0;
    if (!callbacks || number < CALLBACK_NUMBERS || number >= 2 * CALLBACK_NUMBERS) return false;
    struct callback *callback = callback_that_asked(callbacks, number);
    if (!callback) return true; /* the answer came too late */
    if (read) {
        callback->token = 0;
        callback_is_seen(callbacks, callback, message_text(effect, ReadReply_value));
        return true;
    }
    callback->req = 0;
    if (callback->state == CALLBACK_ASKED)
        callback_is_taken(callbacks, callback, effect);
    else
        callback_is_withdrawn(callbacks, callback, effect);
    return true;
}

/* ---- requests ---- */

static bool callback_id_good(const char *id)
{
    size_t length = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
    return length >= ID_LEAST && length <= ID_MOST && id[length] == '\0';
}

static bool callback_line_good(const char *text)
{
    if (!text || strlen(text) > PERSON_NAME) return false;
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127) return false;
    return true;
}

static struct callback *callback_new(struct callbacks *callbacks, const char *name, const char *number)
{
    struct callback *callback = memory_zeroed(1, sizeof *callback);
    callback->number = g_strdup(number);
    callback->asked_s = callbacks_now_s(callbacks);
    g_strlcpy(callback->name, name, sizeof callback->name);
    g_hash_table_insert(callbacks->all, callback->name, callback);
    return callback;
}

/* Finds the call-back that has this id; NULL: none has. */
static struct callback *callback_of_id(const struct callbacks *callbacks, const char *id)
{
    char name[NAME_DIGITS + 1];
    callback_name(id, name);
    return g_hash_table_lookup(callbacks->all, name);
}

/* Counts one more call-back asked for in this hour, by all addresses; false: the limit is reached. */
static bool hour_has_room(struct callbacks *callbacks)
{
    int64_t now_s = callbacks_now_s(callbacks);
    if (now_s - callbacks->hour_s >= HOUR_S || now_s < callbacks->hour_s) {
        callbacks->hour_s = now_s;
        callbacks->in_hour = 0;
    }
    return callbacks->in_hour++ < callbacks->chat->setting.callbacks_per_hour &&
           g_hash_table_size(callbacks->all) < KEPT_MAX;
}

/* Checks the time that the page asks for, which must be one of the offered times; sets `*due_s`, 0: now. Returns NULL
 * for a good time, otherwise the error word for the page. */
static const char *time_wrong(const struct callbacks *callbacks, const json_t *at, int64_t *due_s)
{
    int64_t now_s = callbacks_now_s(callbacks);
    *due_s = 0;
    if (!at || json_is_null(at)) return hours_open(&callbacks->hours, now_s) ? NULL : "closed";
    if (!json_is_integer(at) || json_integer_value(at) % 1000 != 0) return "invalid";
    *due_s = json_integer_value(at) / 1000;
    if (*due_s <= now_s) return "past";
    if (*due_s > now_s + FARTHEST_S) return "closed"; /* bookings so far ahead would fill up the core */
    if (hours_next(&callbacks->hours, *due_s - 1, callbacks->chat->setting.callback_every) != *due_s) return "closed";
    return time_is_free(callbacks, *due_s) ? NULL : "full";
}

/* Handles a page's request for a call-back. The order of the checks matters: an `id` that is known is answered
 * before anything is counted, and limits count only requests that are otherwise good. */
static void callbacks_ask(struct callbacks *callbacks, struct evhttp_request *http, const json_t *body)
{
    struct chat *chat = callbacks->chat;
    const char *id = json_string_value(json_object_get(body, "id")), *person = "", *wrong;
    const char *wanted = json_string_value(json_object_get(body, "number"));
    char number[PERSON_MAX + 1] = "";
    int64_t due_s;
    unsigned at_time;
    if (json_object_get(body, "name")) person = json_string_value(json_object_get(body, "name"));
    if (!id || !callback_id_good(id) || !wanted || !callback_line_good(person)) {
        callback_refuse(http, 400, "invalid");
        return;
    }
    struct callback *known = callback_of_id(callbacks, id);
    /* the page did not get the first answer */
    if (known && known->state != CALLBACK_ASKED && !callback_is_open(known)) {
        callback_show(http, HTTP_OK, known);
        return;
    }
    if (known || !chat->services->up(chat->link)) {
        callback_refuse(http, 503, "away");
        return;
    }
    bool good = person_number(span_of(wanted), *chat->setting.country ? chat->setting.country : NULL, number) &&
                number_may(callbacks, number);
    if (!good)
        callback_refuse(http, 400, "number");
    else if ((wrong = time_wrong(callbacks, json_object_get(body, "at"), &due_s)))
        callback_refuse(http, strcmp(wrong, "invalid") == 0 ? 400 : 409, wrong);
    else if (!door_may_ask(chat->door, http, chat->setting.callbacks_per_minute) || !hour_has_room(callbacks))
        callback_refuse(http, 429, "too_many");
    else if (number_waits(callbacks, number, 0, &at_time))
        callback_refuse(http, 409, "duplicate");
    else {
        char name[NAME_DIGITS + 1];
        callback_name(id, name);
        struct callback *callback = callback_new(callbacks, name, number);
        callback->now = due_s == 0;
        callback->due_s = due_s == 0 ? callbacks_now_s(callbacks) : due_s;
        callback_waits(callback, http);
        callback_submit(callbacks, callback, person);
    }
}

static void callbacks_take(struct callbacks *callbacks, struct evhttp_request *http)
{
    size_t length = evbuffer_get_length(evhttp_request_get_input_buffer(http));
    /* a plain HTML form cannot send this type */
    bool type = g_str_has_prefix(door_header(http, "Content-Type"), "application/json");
    json_t *body = type && length <= BODY_MOST ? reply_to_json(http) : NULL;
    if (body)
        callbacks_ask(callbacks, http, body);
    else
        callback_refuse(http, 400, "invalid");
    json_decref(body);
}

static void callbacks_drop(struct callbacks *callbacks, struct evhttp_request *http, struct callback *callback)
{
    const struct chat *chat = callbacks->chat;
    if (callback->state == CALLBACK_COMPLETED)
        callback_show(http, HTTP_OK, callback);
    else if (callback->state == CALLBACK_NEWER || callback->req != 0 || callback->asker.http || callback->unkept ||
             !chat->services->up(chat->link))
        callback_refuse(http, 503, "away");
    else {
        callback_waits(callback, http);
        callback_withdraw(callbacks, callback);
    }
}

/* Handles the HTTP requests for call-backs, by the method and by whether the path names one call-back. */
void callbacks_request(struct callbacks *callbacks, struct evhttp_request *http, const char *path)
{
    enum evhttp_cmd_type method = evhttp_request_get_command(http);
    bool one = g_str_has_prefix(path, CALLBACKS "/");
    struct callback *callback = one && callbacks ? callback_of_id(callbacks, path + strlen(CALLBACKS "/")) : NULL;
    if (!callbacks)
        callback_refuse(http, 404, "none");
    else if (method == EVHTTP_REQ_OPTIONS)
        page_allow(http, "GET, POST, DELETE", "Content-Type");
    else if (!one && method == EVHTTP_REQ_GET)
        callbacks_offer(callbacks, http);
    else if (!one && method == EVHTTP_REQ_POST)
        callbacks_take(callbacks, http);
    else if (one && !callback)
        callback_refuse(http, 404, "unknown");
    else if (one && method == EVHTTP_REQ_GET && callback_is_open(callback))
        callback_refuse(http, 503, "away");
    else if (one && method == EVHTTP_REQ_GET)
        callback_show(http, HTTP_OK, callback);
    else if (one && method == EVHTTP_REQ_DELETE)
        callbacks_drop(callbacks, http, callback);
    else
        callback_refuse(http, HTTP_BADMETHOD, "invalid");
}

/* ---- time ---- */

/* Marks a call-back as erased, so that the core is asked to cancel it; a state of a newer release becomes SCHEDULED
 * for that. */
static void callback_loses_number(struct callback *callback)
{
    callback->erased = callback->state != CALLBACK_COMPLETED;
    if (callback->state == CALLBACK_NEWER) callback->state = CALLBACK_SCHEDULED;
}

static void callback_let_go(struct callbacks *callbacks, struct callback *callback, int64_t now_s)
{
    const struct chat *chat = callbacks->chat;
    if (callback->state == CALLBACK_COMPLETED || callback->req != 0 || !chat->services->up(chat->link)) return;
    if (callback->let_go_s != 0 && now_s - callback->let_go_s < LOOK_S) return;
    callback->let_go_s = now_s;
    chat->services->log(chat->link, GCX_LOG_INFO, callback->ixn, 0, "call-back %s: %s: it is withdrawn", callback->name,
                        callback->erased ? "its customer is erased" : "the contact store is away");
    callback_withdraw(callbacks, callback);
}

/* The customer's number was erased by gcxctl: nobody can be called back. The core is asked to cancel at once,
 * because the person who erases will next ask the core to forget the customer. */
static void callback_is_erased(void *self, const char *name)
{
    struct callbacks *callbacks = ((struct chat *)self)->callbacks;
    struct callback *callback = g_hash_table_lookup(callbacks->all, name);
    if (!callback || !*callback->number) return; /* it is known already */
    callback_loses_number(callback);
    g_free(callback->number);
    callback->number = g_strdup("");
    callback_save(callbacks, callback);
    if (callback->erased) callback_let_go(callbacks, callback, callbacks_now_s(callbacks));
}

/* Ends the wait for a core that has not answered in time. A request to book may have been taken, so the core is
 * asked later for the booking by its name. If the core does not have the booking, the customer asks again, as after
 * any 503. */
static void callback_late(struct callbacks *callbacks, struct callback *callback, int64_t now_s)
{
    if (now_s - (int64_t)callback->since_s < LATE_S) return;
    callback->token = 0;
    if (callback->req == 0) return;
    callback->req = 0;
    if (callback->state == CALLBACK_ASKED) {
        callback->unsure = true;
        callback_becomes(callbacks, callback, CALLBACK_SCHEDULED, NULL);
    } else
        callback->cancels = false;     /* unknown: the reason in the core will show it */
    callback->code = HTTP_SERVUNAVAIL; /* a 503 promises nothing, so no row must be waited for */
    callback_answer_now(callback);
}

static bool callback_is_to_look_at(const struct callback *callback, int64_t now_s)
{
    if (callback->state == CALLBACK_ASKED || callback->state >= CALLBACK_COMPLETED) return false;
    if (callback->req != 0 || callback->token != 0) return false;
    return callback->due_s <= now_s || now_s - (int64_t)callback->looked_s >= LOOK_S;
}

/* Orders call-backs: the one that the core was asked about longest ago comes first. */
static gint by_look(gconstpointer left, gconstpointer right)
{
    uint64_t one = ((const struct callback *)left)->looked_s, other = ((const struct callback *)right)->looked_s;
    return one < other ? -1 : one > other;
}

static bool callback_is_too_old(const struct callbacks *callbacks, const struct callback *callback, int64_t now_s)
{
    const struct chat *chat = callbacks->chat;
    if (callback->state == CALLBACK_COMPLETED) return now_s - callback->over_s > KEPT_S;
    if (callback->state != CALLBACK_NEWER || now_s - MAX(callback->due_s, callback->asked_s) <= NEWER_S) return false;
    chat->services->log(chat->link, GCX_LOG_WARNING, 0, 0,
                        "call-back %s: no newer release has come for it in 30 days: it is dropped", callback->name);
    return true;
}

/* Once a second. Asks the core about at most LOOKS_AT_ONCE call-backs, longest unasked first, so that thousands of
 * call-backs do not flood it. */
void callbacks_tick(struct callbacks *callbacks)
{
    if (!callbacks) return;
    const struct chat *chat = callbacks->chat;
    int64_t now_s = callbacks_now_s(callbacks);
    unsigned looks = 0, numbers = 0;
    GList *values = g_list_sort(g_hash_table_get_values(callbacks->all), by_look);
    for (GList *one = values; one; one = one->next) {
        struct callback *callback = one->data;
        numbers += *callback->number != '\0';
        if (callback->req != 0 || callback->token != 0) callback_late(callbacks, callback, now_s);
        if (callback->code != 0 && now_s - callback->answer_s >= LATE_S) callback_goes_unkept(callbacks, callback);
        if (callback->erased || (callback->unkept && !callback->reached)) callback_let_go(callbacks, callback, now_s);
        if (callback_is_too_old(callbacks, callback, now_s))
            callback_forget(callbacks, callback);
        else if (looks < LOOKS_AT_ONCE && callback_is_to_look_at(callback, now_s) && chat->services->up(chat->link)) {
            callback_look(callbacks, callback, true);
            looks++;
        }
    }
    g_list_free(values);
    if (numbers > 0) memos_look(chat->conversations.memos);
}

/* ---- what the process before has left ---- */

/* Reads a row of the file in which an earlier version kept the call-backs. */
static bool callback_of_row(void *self, json_t *row, struct memo_row *memo)
{
    const struct chat *chat = self;
    const char *id = json_string_value(json_object_get(row, "id"));
    const char *number = json_string_value(json_object_get(row, "number"));
    memo->name = memory_zeroed(1, NAME_DIGITS + 1);
    callback_name(id ? id : "", memo->name);
    if (!id || !callback_id_good(id) || !number) {
        chat->services->log(chat->link, GCX_LOG_ERROR, 0, 0,
                            "call-back %s: what the last process has left of it is of no use", memo->name);
        return false;
    }
    bool over = json_integer_value(json_object_get(row, "state")) == CALLBACK_COMPLETED;
    memo->person = over ? NULL : g_strstrip(g_strdup(number));
    json_object_del(row, "number");
    return true;
}

static bool callbacks_before(struct conversations *all, const struct memo_owner *of, char *why, size_t why_size)
{
    const struct chat *chat = all->self;
    return !chat->callbacks ||
           conversations_memo_file(all, of, state_endings.callbacks, callback_of_row, why, why_size);
}

static bool callback_restore(void *self, const struct memo *memo, const json_t *row)
{
    const struct chat *chat = self;
    struct callbacks *callbacks = chat->callbacks;
    json_int_t state = json_integer_value(json_object_get(row, "state"));
    const char *reason = json_string_value(json_object_get(row, "reason"));
    if (!callbacks) return true; /* the site offers no call-backs at present */
    if (strlen(memo->name) != NAME_DIGITS || state <= CALLBACK_ASKED || state > STATE_MOST) return false;
    struct callback *callback = callback_new(callbacks, memo->name, memo->person ? memo->person : "");
    callback->state = (enum callback_state)MIN(state, CALLBACK_NEWER);
    if (callback->state == CALLBACK_NEWER)
        chat->services->log(chat->link, GCX_LOG_WARNING, 0, 0,
                            "call-back %s: a newer release has written it: it is kept for one", callback->name);
    callback->unsure = callback->state == CALLBACK_NEWER || json_is_true(json_object_get(row, "unsure"));
    callback->unkept = state < CALLBACK_COMPLETED && json_is_true(json_object_get(row, "unkept"));
    if (!*callback->number) callback_loses_number(callback);
    callback->due_s = json_integer_value(json_object_get(row, "due"));
    if (json_is_integer(json_object_get(row, "asked"))) /* a newer release may write this field in another form */
        callback->asked_s = json_integer_value(json_object_get(row, "asked"));
    callback->over_s = json_integer_value(json_object_get(row, "over"));
    callback->ixn = (uint64_t)json_integer_value(json_object_get(row, "ixn"));
    callback->now = json_is_true(json_object_get(row, "now"));
    callback->reached = json_is_true(json_object_get(row, "reached"));
    if (state == CALLBACK_COMPLETED) callback->reason = callback_reason(reason ? reason : "");
    return true;
}

const struct conversation_memos callback_memos = {.kind = "callback",
                                                  .noun = "call-back",
                                                  .before = callbacks_before,
                                                  .restore = callback_restore,
                                                  .kept = callback_is_kept,
                                                  .erased = callback_is_erased,
                                                  .refused = callback_is_not_kept};

/* ---- a life ---- */

static bool callback_numbers_good(char **numbers, char *why, size_t why_size)
{
    bool any = false;
    for (char **one = numbers; *one; one++) {
        const char *begins = **one == '!' ? *one + 1 : *one;
        if (*begins != '+' || strspn(begins + 1, "0123456789") != strlen(begins + 1))
            return why_set(why, why_size, "callback_numbers: `%.40s` is no beginning; +33, !+338", *one);
        any |= **one != '!';
    }
    return any || why_set(why, why_size, "callback_numbers: none is set, so nobody could be called back; +33, !+338");
}

bool callbacks_setting_good(const struct chat_setting *setting, char *why, size_t why_size)
{
    struct hours hours;
    if (!*setting->callbacks) return true;
    char **numbers = web_words_read(setting->callback_numbers);
    bool good = callback_numbers_good(numbers, why, why_size);
    g_strfreev(numbers);
    if (!good) return false;
    good = hours_read_week(&hours, setting->callback_hours, setting->callback_zone, why, why_size);
    hours_free(&hours);
    return good;
}

struct callbacks *callbacks_new(struct chat *chat, char *why, size_t why_size)
{
    const struct chat_setting *setting = &chat->setting;
    if (why_size > 0) *why = '\0';
    if (!*setting->callbacks) return NULL;
    struct callbacks *callbacks = memory_zeroed(1, sizeof *callbacks);
    callbacks->chat = chat;
    callbacks->numbers = web_words_read(setting->callback_numbers);
    callbacks->all = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, callback_free);
    callbacks->requests =
        (uint64_t)chat->services->wall_us(chat->link); /* greater than all numbers of the process before */
    writer_init(&callbacks->writer);
    if (hours_read_week(&callbacks->hours, setting->callback_hours, setting->callback_zone, why, why_size))
        return callbacks;
    callbacks_free(callbacks);
    return NULL;
}

void callbacks_free(struct callbacks *callbacks)
{
    if (!callbacks) return;
    g_hash_table_destroy(callbacks->all);
    hours_free(&callbacks->hours);
    g_strfreev(callbacks->numbers);
    writer_free(&callbacks->writer);
    free(callbacks);
}
