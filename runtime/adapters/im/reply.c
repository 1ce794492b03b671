/* runtime/adapters/im/reply.c - What knowledge workers write: answers to questions, and messages in their
 * conversations. Some of these messages become requests to the core.
 *
 *     question, not answered     "1", "yes"  ->  RequestAccept    "2", "no"  ->  RequestReject
 *     accepted, core not heard   words are not sent, and the worker is told so
 *     the worker has it          "/end"      ->  RequestStop      words      ->  the asker
 *
 * If the asker is at this link, messages pass through the conversation here; otherwise the core passes them to the
 * other link. */
#include <stdio.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/conversation/keep.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/events_work.h"
#include "base/memory.h"

static const char *const accepting[] = {"1", "yes", "y", "accept", "ok", NULL};
static const char *const declining[] = {"2", "no", "n", "decline", NULL};

/* ---- requests ---- */

void reply_request_free(gpointer given)
{
    struct im_asked *asked = given;
    g_free(asked->text), g_free(asked->receipt);
    free(asked);
}

/* Makes a request. The writer stays open for the fields of the request; im_post() ends and posts it. */
static struct im_asked *reply_ask(const struct offer *offer, unsigned kind)
{
    struct im *im = offer->expert->im;
    struct im_asked *asked = memory_zeroed(1, sizeof *asked);
    *asked = (struct im_asked){
        .req = ++im->requests, .ixn = offer->ixn, .claim = offer->claim, .kind = kind, .expert = offer->expert};
    g_hash_table_insert(im->asked, &asked->req, asked);
    struct writer *writer = im_begin(im, kind);
    writer_u(writer, ENVELOPE_ixn, offer->ixn);
    writer_u(writer, ENVELOPE_client, offer->expert->client);
    writer_u(writer, ENVELOPE_req, asked->req);
    writer_text(writer, ENVELOPE_actor, offer->expert->agent);
    return asked;
}

/* The core has taken or refused a worker's message to a person at another link. */
static void reply_word_answered(const struct im_asked *asked, bool good)
{
    struct expert *expert = asked->expert;
    char msg_id[24];
    if (!asked->text) return; /* a typing notice needs no answer */
    if (!good) {
        offer_unsent(expert, asked->ixn);
        return;
    }
    if (asked->receipt) offer_received(expert, asked->ixn, asked->receipt);
    snprintf(msg_id, sizeof msg_id, "%llu", (unsigned long long)asked->req);
    offer_each(expert->im, asked->ixn, expert->agent, msg_id, expert->agent, asked->text);
}

/* A duplicate is good: the core has taken the message before. The offer is looked up again, as it may have ended
 * since. */
void reply_answered(struct im *im, const struct message *reply)
{
    uint64_t req = message_u(reply, ENVELOPE_req), outcome = message_u(reply, Reply_outcome);
    struct im_asked *asked = g_hash_table_lookup(im->asked, &req);
    if (!asked) return;
    bool good = outcome == outcome_ok || outcome == outcome_duplicate;
    struct offer *offer = offer_by_ixn(asked->expert, asked->ixn);
    if (asked->kind == KIND_EventMessage) reply_word_answered(asked, good);
    if (offer && offer->claim == asked->claim) {
        if (asked->kind == KIND_RequestAccept && !good) offer_end(offer, im_words[IM_taken]);
        if (asked->kind == KIND_RequestReject) offer_end(offer, im_words[good ? IM_declined : IM_taken]);
        if (asked->kind == KIND_RequestStop && good) offer_end(offer, im_words[IM_over]);
    }
    g_hash_table_remove(im->asked, &req);
}

/* The core is away: a worker who has accepted may accept again, as the answer may be lost. */
void reply_core_down(struct im *im)
{
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, im->asked);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        const struct im_asked *asked = value;
        struct offer *offer = offer_by_ixn(asked->expert, asked->ixn);
        if (offer && asked->kind == KIND_RequestAccept) offer->accepted = false;
    }
    g_hash_table_remove_all(im->asked);
}

/* ---- words ---- */

static void reply_elsewhere(const struct offer *offer, enum message_kind kind, enum notice notice, const char *text,
                            const char *receipt)
{
    struct im *im = offer->expert->im;
    char msg_id[IM_DN_SIZE + IM_ID], id[IM_ID];
    struct im_asked *asked = reply_ask(offer, KIND_EventMessage);
    im_id_of(im, offer->expert->agent, receipt, receipt, text ? text : "", id);
    snprintf(msg_id, sizeof msg_id, "%s:%s", offer->expert->agent, id);
    asked->text = g_strdup(text), asked->receipt = g_strdup(receipt);
    writer_text(&im->writer, EventMessage_msg_id, msg_id);
    writer_u(&im->writer, EventMessage_kind, kind);
    writer_u(&im->writer, EventMessage_notice, notice);
    writer_text(&im->writer, EventMessage_from, offer->expert->agent);
    writer_u(&im->writer, EventMessage_role, party_role_agent);
    writer_u(&im->writer, EventMessage_visible, visible_all);
    writer_text(&im->writer, EventMessage_text, text ? text : "");
    im_post(im);
}

void reply_typing(struct expert *expert, uint64_t ixn, bool on)
{
    const struct offer *offer = offer_by_ixn(expert, ixn);
    if (offer && offer->open && !talk_types_to(expert->im, offer->conn, on))
        reply_elsewhere(offer, message_kind_notice, on ? notice_typing : notice_not_typing, NULL, NULL);
}

static bool is_answer_of(const char *const *words, const char *text)
{
    while (*words && g_ascii_strcasecmp(*words, text) != 0) words++;
    return *words != NULL;
}

/* Returns the message as one word, without blanks and punctuation around it. */
static char *answer_word(const char *text)
{
    char *word = g_strstrip(g_strdup(text));
    for (size_t length = strlen(word); length > 0 && strchr(".!,)", word[length - 1]); length--) word[length - 1] = 0;
    return word;
}

static void reply_to_question(struct offer *offer, const char *text)
{
    char *word = answer_word(text);
    if (offer->accepted) {
        /* the core decides first; what is written until then has no recipient yet */
        if (!is_answer_of(accepting, word)) offer_tell(offer, im_words[IM_unsent]);
    } else if (is_answer_of(accepting, word)) {
        offer->accepted = true;
        (void)reply_ask(offer, KIND_RequestAccept);
        writer_u(&offer->expert->im->writer, RequestAccept_claim, offer->claim);
        im_post(offer->expert->im);
    } else if (is_answer_of(declining, word)) {
        (void)reply_ask(offer, KIND_RequestReject);
        writer_u(&offer->expert->im->writer, RequestReject_claim, offer->claim);
        im_post(offer->expert->im);
    } else {
        offer_tell(offer, im_words[IM_answers]);
    }
    g_free(word);
}

/* Handles a text of a worker in the window of a conversation that the worker has. */
static void reply_in_window(struct offer *offer, const char *text, const char *receipt)
{
    struct expert *expert = offer->expert;
    struct im *im = expert->im;
    char *word = answer_word(text);
    offer->pause_us = 0; /* the worker's client is there, so missed messages are sent without a pause */
    if (g_ascii_strcasecmp(word, "/end") == 0) {
        (void)reply_ask(offer, KIND_RequestStop);
        im_post(im);
    } else if (strlen(text) > im->setting.text) {
        offer_tell(offer, im_words[IM_too_long]);
    } else if (talk_by_conn(im, offer->conn)) {
        talk_of_expert(expert, offer, text, receipt);
    } else {
        reply_elsewhere(offer, message_kind_text, notice_other, text, receipt);
    }
    g_free(word);
}

/* Handles a message of a worker; any message shows that the worker is there. */
void reply_said(struct expert *expert, uint64_t ixn, const char *text, const char *receipt)
{
    expert_is_there(expert);
    struct offer *offer = offer_by_ixn(expert, ixn);
    struct offer nobodys = {.expert = expert, .ixn = ixn, .queue = expert->im->setting.all_queues[0]};
    char *word = answer_word(text);
    /* before the core is up, it is not known which interactions the workers have */
    if (!offer && !expert->im->services->up(expert->im->link))
        offer_tell(&nobodys, im_words[IM_unsent]);
    else if (!offer)
        offer_tell(&nobodys, im_words[is_answer_of(accepting, word) ? IM_taken : IM_nothing]);
    else if (offer->open || offer->joining)
        reply_in_window(offer, text, receipt);
    else
        reply_to_question(offer, text);
    g_free(word);
}

void reply_stays(struct expert *expert, uint64_t ixn)
{
    const struct offer *offer = offer_by_ixn(expert, ixn);
    expert_is_there(expert);
    if (offer) offer_tell(offer, im_words[IM_stays]);
}

void reply_displayed(struct expert *expert, uint64_t ixn, const char *id)
{
    const struct offer *offer = offer_by_ixn(expert, ixn);
    struct im_talk *talk = offer && offer->open ? talk_by_conn(expert->im, offer->conn) : NULL;
    if (talk && g_str_has_prefix(id, KEEP_OWN)) conversation_was_read(&talk->conversation, id + strlen(KEEP_OWN));
}
