/* runtime/adapters/im/offer.c - Questions to knowledge workers, and the conversations that they have.
 *
 * For each interaction a worker sees a different address, QUEUE.IXN@DOMAIN, so that each has a chat window of its
 * own, and an answer belongs to one question. A question is over when the core withdraws it; a worker who answers
 * later is told so, and nothing else happens.
 *
 *     Invite --> preview_show() --> accepted --> joining --> open
 *                    '--> Withdraw: taken, silent or over         the row is removed
 *
 *     joining   what is said is held in `held`, until earlier_ask() has read what was said before
 *     open      what is said is sent at once
 *     missed    open, and the server could not deliver: joining again, after a pause that doubles
 *
 * Messages are sent in their order, and none twice: `before` has the ids of those that the transcript has shown. */
#include <assert.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/ident.h"
#include "base/memory.h"

enum {
    AGAIN_US = 2000000, /* pause before messages are sent again after an error; it doubles after each */
    AGAIN_MAX_US = 60000000,
    JOINED_BYTES = 3000, /* most bytes of earlier messages for a worker who joins */
    /* most bytes of missed messages for one who was away; servers refuse more than 64 KB at once */
    MISSED_BYTES = 30000,
    HELD_MAX = 100, /* messages that are kept during a join, until the store has answered */
};

const char *const im_words[] = {
#define WORDS(name, text) text,
#include "runtime/adapters/im/words.def"
};

/* ---- the table ---- */

struct offer_held {
    char *msg_id, *text;
};

static void offer_held_free(gpointer given)
{
    struct offer_held *held = given;
    g_free(held->msg_id), g_free(held->text);
    free(held);
}

void offer_forget(gpointer given)
{
    struct offer *offer = given;
    g_free(offer->who), g_free(offer->queue), g_free(offer->subject);
    g_queue_clear_full(&offer->held, offer_held_free);
    if (offer->before) g_hash_table_unref(offer->before);
    free(offer);
}

struct offer *offer_by_ixn(const struct expert *expert, uint64_t ixn)
{
    return g_hash_table_lookup(expert->offers, &ixn);
}

void offer_end(struct offer *offer, const char *words)
{
    assert(offer_by_ixn(offer->expert, offer->ixn) == offer);
    if (words) offer_tell(offer, words);
    g_hash_table_remove(offer->expert->offers, &offer->ixn);
}

/* Returns the address of the interaction's chat window; the caller frees it by g_free(). */
static char *offer_window(const struct offer *offer)
{
    char ixn[IXN_TEXT];
    ident_print_ixn(offer->ixn, ixn);
    return g_strdup_printf("%s.%s@%s", offer->queue, ixn, offer->expert->im->setting.domain);
}

/* Sends the worker a text. `id`: the message's, by which a client recognizes one that comes again; NULL: it has
 * none. The receipt names this `id` too. */
static void offer_tell_as(const struct offer *offer, const char *id, const char *text)
{
    char *from = offer_window(offer);
    im_send_text(offer->expert->im, from, offer->expert->jid, id, text);
    g_free(from);
}

void offer_tell(const struct offer *offer, const char *text)
{
    offer_tell_as(offer, NULL, text);
}

void offer_received(const struct expert *expert, uint64_t ixn, const char *receipt)
{
    const struct offer *offer = offer_by_ixn(expert, ixn);
    if (!offer) return;
    char *from = offer_window(offer);
    im_send_receipt(expert->im, from, expert->jid, receipt);
    g_free(from);
}

/* Sends the worker a message; one who is joining gets it after the earlier messages, and none twice. */
static void offer_hears(struct offer *offer, const char *msg_id, const char *text)
{
    if (offer->joining) {
        struct offer_held *held = memory_zeroed(1, sizeof *held);
        held->msg_id = g_strdup(msg_id), held->text = g_strdup(text);
        g_queue_push_tail(&offer->held, held);
        if (offer->missed_us != 0 && g_queue_get_length(&offer->held) > HELD_MAX)
            offer_held_free(g_queue_pop_head(&offer->held));
    } else if (!offer->before || !g_hash_table_remove(offer->before, msg_id)) {
        offer_tell_as(offer, msg_id, text);
    }
}

/* Sends a text to each worker here who has the interaction, except `but`; the writer's name is put in front. */
void offer_each(struct im *im, uint64_t ixn, const char *but, const char *msg_id, const char *name, const char *text)
{
    GHashTableIter at;
    gpointer value;
    char *told = name && *name ? g_strdup_printf("%s: %s", name, text) : g_strdup(text);
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct expert *expert = value;
        struct offer *offer = offer_by_ixn(expert, ixn);
        bool has = offer && (offer->open || offer->joining);
        if (has && (!but || strcmp(but, expert->agent) != 0)) offer_hears(offer, msg_id, told);
    }
    g_free(told);
}

void offer_each_types(struct im *im, uint64_t ixn, bool on)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct expert *expert = value;
        const struct offer *offer = offer_by_ixn(expert, ixn);
        if (!offer || !offer->open) continue;
        char *from = offer_window(offer);
        im_send_state(im, from, expert->jid, on);
        g_free(from);
    }
}

void offer_unsent(const struct expert *expert, uint64_t ixn)
{
    const struct offer *offer = offer_by_ixn(expert, ixn);
    if (offer) offer_tell(offer, im_words[IM_unsent]);
}

/* ---- the core offers ---- */

static char *invite_who(const struct message *effect)
{
    struct kv_value name;
    struct span from = message_text(effect, Invite_from);
    if (kv_get(message_text(effect, Invite_data), "sender_name", &name) && name.tag == KV_TEXT) from = name.span;
    return g_strndup((const char *)from.bytes, from.length);
}

static int64_t invite_stored(const struct message *effect)
{
    struct kv_value stored;
    return kv_get(message_text(effect, Invite_data), "stored", &stored) && stored.tag == KV_INT ? stored.word : 0;
}

/* Returns the queue for the window's address: the one that the Invite names if the settings have it, else the first of
 * the settings. */
static char *invite_queue(const struct im *im, const struct message *effect)
{
    struct span to = message_text(effect, Invite_to);
    for (char **queue = im->setting.all_queues; *queue; queue++)
        if (span_is(to, *queue)) return g_strdup(*queue);
    return g_strdup(im->setting.all_queues[0]);
}

static void preview_show(struct offer *offer)
{
    const struct im *im = offer->expert->im;
    uint64_t now_us = im->services->now_us(im->link);
    uint64_t countdown_us = offer->ends_us > now_us ? offer->ends_us - now_us : 0;
    char *from = offer_window(offer);
    char *text =
        g_strdup_printf("%s asks at %s%s%s\nReply 1 to accept, 2 to decline (%llu s).", offer->who, offer->queue,
                        *offer->subject ? ": " : "", offer->subject, (unsigned long long)(countdown_us / IM_SECOND_US));
    offer->shown = im_send_preview(offer->expert->im, from, offer->expert->jid, text);
    g_free(text), g_free(from);
}

/* Can the worker be reached? After a restart, until the server has reported who is present, the state that the core
 * knows counts. */
static bool offer_is_reachable(const struct expert *expert)
{
    struct presence_state is = expert->heard ? presence_state(&expert->presence) : expert->is;
    return is.state != agent_state_logged_out;
}

void offer_server_up(struct im *im)
{
    GHashTableIter experts, offers;
    gpointer expert, value;
    g_hash_table_iter_init(&experts, im->experts);
    while (g_hash_table_iter_next(&experts, NULL, &expert)) {
        g_hash_table_iter_init(&offers, ((struct expert *)expert)->offers);
        while (g_hash_table_iter_next(&offers, NULL, &value)) {
            struct offer *offer = value;
            if (!offer->shown && !offer->accepted && !offer->joining && !offer->open) preview_show(offer);
        }
    }
}

static void invite_fails(struct im *im, const struct message *effect)
{
    adapter_answer_done(&im->writer, effect, outcome_error, code_unreached);
    im_post(im);
}

/* Handles an Invite: a new question, or one that comes again after a resync; forced: the worker has the interaction
 * at once. A question with the same claim is not shown again, as the worker sees it already. */
void offer_invite(struct im *im, const struct message *effect)
{
    char agent[IM_DN_SIZE];
    bool forced = message_u(effect, Invite_mode) == invite_mode_forced;
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), claim = message_u(effect, Invite_claim);
    text_set_span(agent, sizeof agent, message_text(effect, Invite_agent));
    struct expert *expert = g_hash_table_lookup(im->experts, agent);
    if (!expert || (!forced && !offer_is_reachable(expert))) {
        if (!forced) invite_fails(im, effect);
        return;
    }
    struct offer *offer = offer_by_ixn(expert, ixn);
    bool again = offer && offer->claim == claim;
    if (offer && !again && !forced) {
        /* the worker is asked anew: the withdrawal of the earlier question or work was lost with the core */
        offer_end(offer, offer->open || offer->joining ? im_words[IM_over] : NULL);
        offer = NULL;
    }
    if (!offer) {
        offer = memory_zeroed(1, sizeof *offer);
        offer->expert = expert, offer->ixn = ixn;
        offer->who = invite_who(effect), offer->queue = invite_queue(im, effect);
        struct span subject = message_text(effect, Invite_subject);
        offer->subject = g_strndup((const char *)subject.bytes, subject.length);
        offer->stored = invite_stored(effect);
        g_hash_table_insert(expert->offers, &offer->ixn, offer);
    }
    offer->claim = claim, offer->ref = message_u(effect, ENVELOPE_ref), offer->conn = message_u(effect, ENVELOPE_conn);
    if (forced)
        offer->open = true;
    else if (!again) {
        offer->ends_us = im->services->now_us(im->link) + (uint64_t)MAX(message_i(effect, Invite_countdown), 0);
        preview_show(offer);
    }
}

/* Withdraws an offer. The worker gets "over" for a conversation, and "taken by" for a question. */
void offer_withdraw(struct im *im, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), claim = message_u(effect, Withdraw_claim);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct offer *offer = offer_by_ixn(value, ixn);
        if (!offer || offer->claim != claim) continue;
        bool has = offer->open || offer->joining;
        bool silent = !has && !offer->accepted && message_u(effect, Withdraw_reason) == cause_no_answer;
        struct span by = message_text(effect, Withdraw_by);
        char *taken =
            by.length > 0 ? g_strdup_printf("This is taken by %.*s.", (int)by.length, (const char *)by.bytes) : NULL;
        bool late = has && message_u(effect, Withdraw_reason) == cause_no_reply;
        offer_end(offer, late    ? im_words[IM_late]
                         : has   ? im_words[IM_over]
                         : taken ? taken
                                 : im_words[silent ? IM_silent : IM_taken]);
        g_free(taken);
        if (silent) ((struct expert *)value)->silent = true;
    }
}

/* ---- the worker ---- */

/* Drops the held messages that the transcript has left out: it has no room for messages that old. */
static void offer_leave_out(struct offer *offer, GHashTable *ids)
{
    GList *at = offer->held.head;
    while (at && !g_hash_table_contains(ids, ((const struct offer_held *)at->data)->msg_id)) at = at->next;
    while (at && offer->held.head != at) offer_held_free(g_queue_pop_head(&offer->held));
}

/* Shows the earlier messages, and then those that were held; `open` is set first, or else these would be held again. */
static void offer_earlier(void *self, struct earlier_said *said)
{
    struct im *im = self;
    struct expert *expert = g_hash_table_lookup(im->experts, said->agent);
    struct offer *offer = expert ? offer_by_ixn(expert, said->ixn) : NULL;
    if (!offer || !offer->joining) return; /* the conversation has ended meanwhile */
    offer->joining = false, offer->open = true;
    if (offer->before) g_hash_table_unref(offer->before);
    offer->before = g_hash_table_ref(said->ids);
    char *text = g_strdup_printf("You are with %s. /end ends it.%s", offer->who, said->text->str);
    offer_tell(offer, text);
    g_free(text);
    if (said->left_out) offer_leave_out(offer, said->ids);
    for (struct offer_held *held; (held = g_queue_pop_head(&offer->held));) {
        offer_hears(offer, held->msg_id, held->text);
        offer_held_free(held);
    }
}

void offer_joined(struct im *im, uint64_t ixn, const char *agent)
{
    struct expert *expert = g_hash_table_lookup(im->experts, agent);
    struct offer *offer = expert ? offer_by_ixn(expert, ixn) : NULL;
    if (!offer || offer->open || offer->joining) return;
    offer->joining = true;
    earlier_ask(im->conversations.office, offer_earlier, im, agent, ixn, offer->stored, JOINED_BYTES);
}

/* ---- messages from a person at another link ---- */

static char *effect_words(const struct message *effect, unsigned field)
{
    struct span text = message_text(effect, field);
    return g_strndup((const char *)text.bytes, text.length);
}

bool offer_heard(struct im *im, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), notice = message_u(effect, SendMessage_notice);
    /* the message is for a person who asked at this link */
    if (message_text(effect, SendMessage_to).length == 0) return false;
    if (message_u(effect, SendMessage_kind) == message_kind_notice) {
        if (notice == notice_typing || notice == notice_not_typing) offer_each_types(im, ixn, notice == notice_typing);
        return true;
    }
    bool asker = message_u(effect, SendMessage_role) == party_role_customer;
    char *msg_id = effect_words(effect, SendMessage_msg_id), *from = effect_words(effect, SendMessage_from);
    char *text = effect_words(effect, SendMessage_text);
    offer_each(im, ixn, NULL, msg_id, asker ? NULL : from, text);
    g_free(msg_id), g_free(from), g_free(text);
    return true;
}

void offer_party(struct im *im, const struct message *notice)
{
    char agent[IM_DN_SIZE];
    struct kv_value name;
    if (message_u(notice, Notify_change) != notify_PartyAdded) return;
    if (kv_get(message_text(notice, Notify_value), "agent", &name) && name.tag == KV_TEXT &&
        text_set_span(agent, sizeof agent, name.span))
        offer_joined(im, message_u(notice, ENVELOPE_ixn), agent);
}

/* Tells how long the worker has: their client may be in any zone. */
static char *reminder(const struct kv_value *due)
{
    int64_t left_us = due->word - g_get_real_time();
    int64_t minutes = left_us > 0 ? (left_us / IM_SECOND_US + 59) / 60 : 0;
    if (minutes < 1) minutes = 1;
    if (minutes < 120)
        return g_strdup_printf("Please answer within %lld min: without an answer somebody else takes this.",
                               (long long)minutes);
    return g_strdup_printf("Please answer within %lld h: without an answer somebody else takes this.",
                           (long long)(minutes / 60));
}

/* Finds when the worker loses the interaction: because there is no reply, or because the worker is away. */
static bool earliest_due(struct span told, struct kv_value *due)
{
    struct kv_value away;
    bool replies = kv_get(told, "due", due), leaves = kv_get(told, "away_due", &away);
    if (leaves && (!replies || away.word < due->word)) *due = away;
    return replies || leaves;
}

void offer_reply_due(struct im *im, const struct message *notice)
{
    GHashTableIter at;
    gpointer value;
    struct kv_value due, warns;
    struct span told = message_text(notice, Notify_value);
    if (message_u(notice, Notify_change) != notify_ReplyDue || !kv_get(told, "warns", &warns) ||
        !earliest_due(told, &due))
        return;
    char *text = reminder(&due);
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct offer *offer = offer_by_ixn(value, message_u(notice, ENVELOPE_ixn));
        if (offer && (offer->open || offer->joining)) offer_tell(offer, text);
    }
    g_free(text);
}

/* Notes that messages could not be given to the worker: new ones are held until offers_tick() sends them. */
static void offer_missed(struct offer *offer)
{
    const struct im *im = offer->expert->im;
    if (offer->pause_us == 0)
        im->services->log(im->link, GCX_LOG_WARNING, offer->ixn, offer->conn,
                          "%s: the server could not deliver words; they are sent again when their client is there",
                          offer->expert->agent);
    offer->pause_us = offer->pause_us == 0 ? AGAIN_US : MIN(2 * offer->pause_us, AGAIN_MAX_US);
    offer->missed_us = im->services->now_us(im->link);
    offer->open = false, offer->joining = true;
}

/* Sends missed messages again, but not to a worker who cannot be reached: the messages stay in the store until then. */
void offers_tick(struct expert *expert)
{
    struct im *im = expert->im;
    GHashTableIter at;
    gpointer value;
    if (!offer_is_reachable(expert)) return;
    g_hash_table_iter_init(&at, expert->offers);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct offer *offer = value;
        bool missed = offer->missed_us != 0 && im->services->now_us(im->link) - offer->missed_us >= offer->pause_us;
        if (!missed) continue;
        offer->missed_us = 0;
        earlier_ask(im->conversations.office, offer_earlier, im, expert->agent, offer->ixn, offer->stored,
                    MISSED_BYTES);
    }
}

/* The server could not give the worker a message: a question is then given back, so that the core asks somebody
 * else. */
void offer_failed(struct expert *expert, uint64_t ixn)
{
    struct offer *offer = offer_by_ixn(expert, ixn);
    if (offer && offer->open) offer_missed(offer);
    if (!offer || offer->open || offer->joining || offer->accepted) return;
    struct writer *writer = im_begin(expert->im, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, offer->ref);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_unreached);
    im_post(expert->im);
    g_hash_table_remove(expert->offers, &ixn);
}
