/* runtime/adapters/im/offer.c - The questions to knowledge workers, and the conversations that they have.
 *
 * A worker has an address of ours per interaction, QUEUE.IXN@DOMAIN, so that each stands in a window of its own, and an
 * answer belongs to one question. A question is over when the core withdraws it; an answer that comes later is told
 * so, and nothing else happens. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/bytes.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_work.h"
#include "runtime/vocabulary/events_host.h"
#include "runtime/vocabulary/events_work.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/memory.h"

static const char *const accepting[] = {"1", "yes", "y", "accept", "ok", NULL};
static const char *const declining[] = {"2", "no", "n", "decline", NULL};

const char *const im_words[] = {
#define WORDS(name, text) text,
#include "runtime/adapters/im/words.def"
};

/* ---- the table ---- */

void offer_forget(gpointer given)
{
    struct offer *offer = given;
    g_free(offer->who), g_free(offer->queue);
    free(offer);
}

static struct offer *offer_by_ixn(const struct expert *expert, uint64_t ixn)
{
    return g_hash_table_lookup(expert->offers, &ixn);
}

static void offer_end(struct offer *offer, const char *words)
{
    assert(offer_by_ixn(offer->expert, offer->ixn) == offer);
    if (words) offer_tell(offer, words);
    g_hash_table_remove(offer->expert->offers, &offer->ixn);
}

void offer_tell(const struct offer *offer, const char *text)
{
    struct im *im = offer->expert->im;
    char ixn[IXN_TEXT];
    ixn_print(offer->ixn, ixn);
    char *from = g_strdup_printf("%s.%s@%s", offer->queue, ixn, im->setting.domain);
    im_send_text(im, from, offer->expert->jid, NULL, text);
    g_free(from);
}

/* To each worker here who has it, but one; the name of who says it before it. */
void offer_each(struct im *im, uint64_t ixn, const char *but, const char *name, const char *text)
{
    GHashTableIter at;
    gpointer value;
    char *told = name && *name ? g_strdup_printf("%s: %s", name, text) : g_strdup(text);
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct expert *expert = value;
        const struct offer *offer = offer_by_ixn(expert, ixn);
        if (offer && offer->open && (!but || strcmp(but, expert->agent) != 0)) offer_tell(offer, told);
    }
    g_free(told);
}

void offer_unsent(const struct expert *expert, uint64_t ixn)
{
    const struct offer *offer = offer_by_ixn(expert, ixn);
    if (offer) offer_tell(offer, im_words[IM_unsent]);
}

/* ---- requests ---- */

static struct writer *offer_ask(const struct offer *offer, unsigned kind)
{
    struct im *im = offer->expert->im;
    struct asked *asked = memory_zeroed(1, sizeof *asked);
    *asked = (struct asked){
        .req = ++im->requests, .ixn = offer->ixn, .claim = offer->claim, .kind = kind, .expert = offer->expert};
    g_hash_table_insert(im->asked, &asked->req, asked);
    struct writer *writer = im_begin(im, kind);
    writer_u(writer, ENVELOPE_ixn, offer->ixn);
    writer_u(writer, ENVELOPE_client, offer->expert->client);
    writer_u(writer, ENVELOPE_req, asked->req);
    writer_text(writer, ENVELOPE_actor, offer->expert->agent);
    return writer;
}

void offer_reply(struct im *im, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req), outcome = message_u(reply, Reply_outcome);
    struct asked *asked = g_hash_table_lookup(im->asked, &req);
    if (!asked) return;
    bool good = outcome == outcome_ok || outcome == outcome_duplicate;
    struct offer *offer = offer_by_ixn(asked->expert, asked->ixn);
    if (offer && offer->claim == asked->claim) {
        if (asked->kind == KIND_RequestAccept && !good) offer_end(offer, im_words[IM_taken]);
        if (asked->kind == KIND_RequestReject) offer_end(offer, im_words[good ? IM_declined : IM_taken]);
        if (asked->kind == KIND_RequestStop && good) offer_end(offer, im_words[IM_over]);
    }
    g_hash_table_remove(im->asked, &req);
}

/* A worker who has accepted may do it again: the answer may be lost. */
void offer_core_down(struct im *im)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, im->asked);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct asked *asked = value;
        struct offer *offer = offer_by_ixn(asked->expert, asked->ixn);
        if (offer && asked->kind == KIND_RequestAccept) offer->accepted = false;
    }
    g_hash_table_remove_all(im->asked);
}

/* ---- the core asks ---- */

static char *invite_who(const struct message *effect)
{
    struct kv_value name;
    struct span from = message_text(effect, Invite_from);
    if (kv_get(message_text(effect, Invite_data), "sender_name", &name) && name.tag == KV_TEXT) from = name.span;
    return g_strndup((const char *)from.bytes, from.length);
}

/* The address of the window needs a word that is one of ours. */
static char *invite_queue(const struct im *im, const struct message *effect)
{
    struct span to = message_text(effect, Invite_to);
    for (char **queue = im->setting.all_queues; *queue; queue++)
        if (span_is(to, *queue)) return g_strdup(*queue);
    return g_strdup(im->setting.all_queues[0]);
}

static void preview_show(const struct offer *offer, int64_t countdown_us)
{
    char seconds[24];
    const struct talk *talk = talk_by_conn(offer->expert->im, offer->conn);
    const char *first = talk && talk->first ? talk->first : "";
    snprintf(seconds, sizeof seconds, "%lld", (long long)(countdown_us / IM_SECOND_US));
    char *text = g_strdup_printf("%s asks at %s%s%s\nReply 1 to accept, 2 to decline (%s s).", offer->who, offer->queue,
                                 *first ? ": " : "", first, seconds);
    offer_tell(offer, text);
    g_free(text);
}

static bool offer_is_reachable(const struct expert *expert)
{
    return component_is_up(expert->im->component) && presence_state(&expert->presence).state != agent_state_logged_out;
}

static void invite_fails(struct im *im, const struct message *effect)
{
    answer_done(&im->writer, effect, outcome_error, code_unreached);
    im_post(im);
}

/* A new question, or one that is asked again after a resync; forced: the worker has it. */
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
    if (!offer) {
        offer = memory_zeroed(1, sizeof *offer);
        offer->expert = expert, offer->ixn = ixn;
        offer->who = invite_who(effect), offer->queue = invite_queue(im, effect);
        g_hash_table_insert(expert->offers, &offer->ixn, offer);
    }
    offer->claim = claim, offer->ref = message_u(effect, ENVELOPE_ref), offer->conn = message_u(effect, ENVELOPE_conn);
    if (forced)
        offer->open = true;
    else if (!again)
        preview_show(offer, message_i(effect, Invite_countdown));
}

void offer_withdraw(struct im *im, const struct message *effect)
{
    uint64_t ixn = message_u(effect, ENVELOPE_ixn), claim = message_u(effect, Withdraw_claim);
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, im->experts);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct offer *offer = offer_by_ixn(value, ixn);
        if (!offer || offer->claim != claim) continue;
        bool unanswered = !offer->open && !offer->accepted;
        offer_end(offer, im_words[offer->open ? IM_over : IM_taken]);
        if (unanswered) expert_again(value); /* the core takes an agent who does not answer for not ready */
    }
}

/* ---- the worker ---- */

void offer_joined(struct talk *talk, const char *agent)
{
    struct im *im = talk->conversation.all->self;
    struct expert *expert = g_hash_table_lookup(im->experts, agent);
    struct offer *offer = expert ? offer_by_ixn(expert, talk->conversation.ixn) : NULL;
    if (!offer || offer->open) return;
    offer->open = true;
    const char *so_far = talk->so_far ? talk->so_far->str : "";
    char *text = g_strdup_printf("You are with %s. /end ends it.%s%s", offer->who, *so_far ? "\n" : "", so_far);
    offer_tell(offer, text);
    g_free(text);
}

/* The server could not give it to the worker: somebody else is asked. */
void offer_failed(struct expert *expert, uint64_t ixn)
{
    struct offer *offer = offer_by_ixn(expert, ixn);
    if (!offer || offer->open || offer->accepted) return;
    struct writer *writer = im_begin(expert->im, KIND_EventDone);
    writer_u(writer, ENVELOPE_ixn, ixn);
    writer_u(writer, ENVELOPE_ref, offer->ref);
    writer_u(writer, EventDone_outcome, outcome_error);
    writer_u(writer, EventDone_code, code_unreached);
    im_post(expert->im);
    g_hash_table_remove(expert->offers, &ixn);
}

static bool is_answer_of(const char *const *words, const char *text)
{
    while (*words && g_ascii_strcasecmp(*words, text) != 0) words++;
    return *words != NULL;
}

/* The whole message, without blanks and marks around it. */
static char *answer_word(const char *text)
{
    char *word = g_strstrip(g_strdup(text));
    for (size_t length = strlen(word); length > 0 && strchr(".!,)", word[length - 1]); length--) word[length - 1] = 0;
    return word;
}

static void offer_answered(struct offer *offer, const char *text)
{
    char *word = answer_word(text);
    if (offer->accepted) {
        /* the core decides; whatever is written meanwhile has nobody to go to yet */
    } else if (is_answer_of(accepting, word)) {
        offer->accepted = true;
        writer_u(offer_ask(offer, KIND_RequestAccept), RequestAccept_claim, offer->claim);
        im_post(offer->expert->im);
    } else if (is_answer_of(declining, word)) {
        writer_u(offer_ask(offer, KIND_RequestReject), RequestReject_claim, offer->claim);
        im_post(offer->expert->im);
    } else {
        offer_tell(offer, im_words[IM_answers]);
    }
    g_free(word);
}

void offer_said(struct expert *expert, uint64_t ixn, const char *text)
{
    struct offer *offer = offer_by_ixn(expert, ixn);
    struct offer nobodys = {.expert = expert, .ixn = ixn, .queue = expert->im->setting.all_queues[0]};
    char *word = answer_word(text);
    if (!offer) {
        offer_tell(&nobodys, im_words[IM_nothing]);
    } else if (!offer->open) {
        offer_answered(offer, text);
    } else if (g_ascii_strcasecmp(word, "/end") == 0) {
        (void)offer_ask(offer, KIND_RequestStop);
        im_post(expert->im);
    } else {
        talk_of_expert(expert, offer, text);
    }
    g_free(word);
}
