/* runtime/post/office_asked.c - Requests to send an item: by the core, by an application, in a conversation, by the
 * office itself. An item that is being sent already is not begun again. */
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/robots.h"
#include "runtime/post/code.h"
#include "runtime/post/office_state.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/denied.h"
#include "base/memory.h"

enum { SAID_MOST = 10000 };

/* Divides an item into pieces. False: the item cannot be sent, and `*cause` and `*why` say why. */
static bool going_divide(struct office *office, struct post_sending *sending, enum cause *cause, const char **why)
{
    *cause = cause_invalid_number;
    *why = denied_words(WHY_nobody);
    if (!office->way->order && !*sending->customer) return false;
    *cause = cause_refused;
    *why = denied_words(WHY_text);
    sending->pieces = office->way->divide ? office->way->divide(office->self, sending, cause, why) : 1;
    if (sending->pieces == 0) return false;
    sending->peer_ids = memory_zeroed(sending->pieces, sizeof *sending->peer_ids);
    return true;
}

/* Gives an item to the thread that writes it into the book. If the item can be sent at once, it is written as going
 * from the start, which saves a commit. An application's item is not: the application may ask for it again, and then it
 * would not be known that nothing of the first one was sent. */
static void going_first(struct office *office, struct post_sending *sending)
{
    uint64_t where;
    bool behind = office->behind > 0 ||
                  (office->rules->in_turn && (office->ahead > 0 || office->way->busy(office->self, sending->customer)));
    g_hash_table_insert(office->going, sending->key, sending);
    sending->begun = !office->way->write && !sending->asker && !behind && g_queue_is_empty(&office->pieces) &&
                     pieces_may(office, &where) > 0;
    if (sending->begun) office->ahead++;
    sending_job(office, sending, OFFICE_SEND);
}

static void going_begin(struct office *office, struct post_sending *sending)
{
    enum cause cause;
    const char *why;
    if (going_divide(office, sending, &cause, &why)) {
        going_first(office, sending);
        return;
    }
    g_hash_table_insert(office->going, sending->key, sending);
    sending_ends(office, sending, cause, why);
}

/* Computes the digest of the item as it was requested, because settings may change the text that is sent. */
static void going_named(struct post_sending *sending, struct span from)
{
    post_order_digest(sending->customer, from, sending->text, sending->digest);
}

/* Have both the same content, by their digests? An item that an earlier version has left has no digest, and counts
 * as the same if its name is the same. */
static bool is_same_item(const struct post_sending *one, const struct post_sending *other)
{
    return !*one->digest || !*other->digest || strcmp(one->digest, other->digest) == 0;
}

/* True: the same item is being sent already, or waits for its code, and now reports to this request. */
static bool going_is_there(struct office *office, const struct post_sending *asked)
{
    struct post_sending *sending = g_hash_table_lookup(office->going, asked->key);
    if (!sending) sending = g_hash_table_lookup(office->coded, asked->key);
    if (!sending || !is_same_item(sending, asked)) return false;
    sending->ref = asked->ref;
    sending->journal = asked->journal;
    sending->cancelled = sending->disowned = false;
    if (sending->ended) sending_tell(office, sending); /* the item's end was reported, but is not in the book yet */
    return true;
}

/* Gives another key to an item whose name a core has given anew, because the core's state was put back: the older
 * item is still being sent. */
static void going_aside(struct office *office, const char *name)
{
    struct post_sending *sending = g_hash_table_lookup(office->going, name);
    if (!sending) return;
    g_hash_table_steal(office->going, name);
    do {
        char *key = g_strconcat(sending->key, "~", sending->digest, NULL);
        g_free(sending->key);
        sending->key = key;
    } while (g_hash_table_contains(office->going, sending->key));
    g_hash_table_insert(office->going, sending->key, sending);
}

static void going_addressed(struct office *office, struct post_sending *sending, const struct message *effect)
{
    struct span to = {0}, from = message_text(effect, SendMessage_from);
    uint32_t at = 0;
    (void)message_next_text(message_text(effect, SendMessage_to), &at, &to);
    g_free(sending->reply_to);
    sending->reply_to = post_text(message_text(effect, SendMessage_reply_to));
    if (!office->way->address(office->self, to, sending->customer)) *sending->customer = 0;
    office->way->from(office->self, from, sending->own);
    going_named(sending, from);
}

/* A text that waits for its code. */
struct coded {
    struct office *office;
    struct post_sending *sending;
    int64_t code_of, now;
    char *text;
};

/* A text that was kept before, and is asked for again, has its code: a new one would make it worthless. */
static bool coded_work(void *self, struct store *store, struct error *error)
{
    struct coded *coded = self;
    const struct post_sending *sending = coded->sending;
    struct post_order order = {
        .journal = sending->journal, .ixn = sending->ixn, .msg_id = sending->msg_id, .digest = sending->digest};
    if (!postbook_kept_text(store, coded->office->way->name, &order, &coded->text, error)) return false;
    if (!coded->text) coded->text = post_code_text(store, coded->code_of, coded->now, sending->text, error);
    return coded->text != NULL;
}

/* Another text of the same name may have taken its place in the table. */
static void coded_forget(const struct coded *coded)
{
    GHashTable *all = coded->office->coded;
    if (coded->sending && g_hash_table_lookup(all, coded->sending->key) == coded->sending)
        g_hash_table_remove(all, coded->sending->key);
}

/* The text has its code, and goes as any other; or no code may be sent. */
static void coded_done(void *self, bool good, const struct error *error)
{
    struct coded *coded = self;
    struct post_sending *sending = coded->sending;
    struct office *office = coded->office;
    coded_forget(coded);
    coded->sending = NULL;
    if (going_is_there(office, sending)) {
        office_sending_free(office, sending);
        return;
    }
    if (good) {
        g_free(sending->text);
        sending->text = g_steal_pointer(&coded->text);
        going_begin(office, sending);
        return;
    }
    g_hash_table_insert(office->going, sending->key, sending);
    sending_ends(office, sending, cause_refused, error->text);
}

static void coded_free(void *self)
{
    struct coded *coded = self;
    coded_forget(coded);
    if (coded->sending) office_sending_free(coded->office, coded->sending);
    g_free(coded->text);
    free(coded);
}

/* A core that was killed meanwhile asks again: the text is noted until it has its code, so it gets no second one. */
static void coded_begin(struct office *office, struct post_sending *sending, int64_t code_of)
{
    struct coded *coded = memory_zeroed(1, sizeof *coded);
    *coded = (struct coded){.office = office, .sending = sending, .code_of = code_of, .now = office_wall(office)};
    g_hash_table_replace(office->coded, sending->key, sending);
    office_errand(office,
                  &(struct post_errand){.self = coded, .work = coded_work, .done = coded_done, .free = coded_free});
}

void office_asked_message(struct office *office, const struct message *effect)
{
    struct post_sending *sending =
        office_sending_new(office, message_u(effect, ENVELOPE_ixn), message_text(effect, SendMessage_msg_id),
                           post_text(message_text(effect, SendMessage_text)));
    sending->ref = message_u(effect, ENVELOPE_ref);
    if (office->way->order)
        office->way->order(office->self, effect, sending);
    else
        going_addressed(office, sending, effect);
    if (going_is_there(office, sending)) {
        office_sending_free(office, sending);
        return;
    }
    going_aside(office, sending->key);
    struct kv_value automatic;
    bool machine = !office->way->order && kv_get(message_text(effect, SendMessage_headers), "automatic", &automatic);
    const char *why =
        machine && *sending->customer ? robots_refusal(office->robots, sending->customer, office_now(office)) : NULL;
    int64_t code_of = office->way->order ? 0 : post_code_of(effect);
    if (!why && code_of != 0) {
        coded_begin(office, sending, code_of);
        return;
    }
    if (!why) {
        going_begin(office, sending);
        return;
    }
    g_hash_table_insert(office->going, sending->key, sending);
    sending_ends(office, sending, cause_refused, why);
}

void office_send_once(struct office *office, struct post_sending *sending)
{
    sending->untold = true;
    if (g_hash_table_contains(office->going, sending->key))
        office_sending_free(office, sending);
    else
        going_begin(office, sending);
}

void office_pass(struct office *office, struct post_sending *sending)
{
    sending->unkept = true;
    office_send_once(office, sending);
}

void office_send_by_machine(struct office *office, struct post_sending *sending)
{
    const char *why = robots_refusal(office->robots, sending->customer, office_now(office));
    if (!why) {
        office_send_once(office, sending);
        return;
    }
    office->services->log(office->link, GCX_LOG_WARNING, 0, 0, "%s %s: not sent: %s", office->way->noun,
                          sending->msg_id, why);
    office_sending_free(office, sending);
}

/* Sends a notice that answers a customer's item; its name is made from that item's name, so an item that comes again
 * is answered once. */
void office_asked_notice(struct office *office, const struct post_item *item, const char *text)
{
    char *name = g_strconcat(NOTICE_OF, item->external_id, NULL);
    struct post_sending *sending = office_sending_new(office, 0, span_of(name), g_strdup(text));
    sending->notice = true;
    g_free(sending->reply_to);
    sending->reply_to = g_strdup(item->external_id);
    text_set(sending->own, sizeof sending->own, item->own);
    text_set(sending->customer, sizeof sending->customer, item->customer);
    office_send_by_machine(office, sending);
    g_free(name);
}

enum delivery office_say(struct office *office, struct post_sending *sending, enum cause *cause)
{
    const char *why;
    bool first = !g_hash_table_contains(office->going, sending->key);
    going_named(sending, span_of(sending->own));
    if (first && g_hash_table_size(office->going) >= SAID_MOST) {
        *cause = cause_overload;
        office_sending_free(office, sending);
        return delivery_failed;
    }
    bool good = first && going_divide(office, sending, cause, &why);
    if (good)
        going_first(office, sending);
    else
        office_sending_free(office, sending);
    return good || !first ? delivery_unknown : delivery_failed;
}

/* Sends an item for an application. No core knows such an item: only its name says whether it was sent before. */
const char *office_order(struct office *office, struct post_sending *sending, void *asker, bool *again)
{
    enum cause cause;
    const char *why = NULL;
    struct post_sending *other = g_hash_table_lookup(office->going, sending->key);
    sending->journal = 0;
    sending->untold = true;
    bool unkept = other && other->asker; /* the book may still refuse that item */
    *again = other && !unkept && is_same_item(other, sending);
    if (!other && going_divide(office, sending, &cause, &why)) {
        sending->asker = asker;
        going_first(office, sending);
        return NULL;
    }
    if (other && !*again) {
        office->way->ordered(asker, !unkept, POST_OTHER, 0);
        why = NULL;
    }
    office_sending_free(office, sending);
    return why;
}
