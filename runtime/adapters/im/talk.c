/* runtime/adapters/im/talk.c - Askers, and the words between them and the workers: a way of conversations.
 *
 * A message goes on once the contact store has it. While the server is away messages wait in their order.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/letters.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/memory.h"
#include "text/utf8.h"

enum { FIRST_WORDS_MAX = 200 };

struct unsent {
    char *id, *text; /* id NULL: it is ours, and nobody waits for it */
};

static struct im *talk_im(const struct conversation *conversation)
{
    return conversation->all->self;
}

static struct talk *talk_of(struct conversation *conversation)
{
    return (struct talk *)conversation;
}

struct saying {                  /* it is on its way to the store */
    char *text, *receipt;        /* receipt: the client wants to know that it has come; NULL: it does not */
    const struct expert *expert; /* who says it; NULL: the asker */
};

static void saying_free(gpointer given)
{
    struct saying *saying = given;
    g_free(saying->text), g_free(saying->receipt);
    free(saying);
}

/* ---- to the asker ---- */

static bool send_now(struct conversation *conversation, const char *id, const char *text)
{
    struct im *im = talk_im(conversation);
    char *from = g_strdup_printf("%s@%s", conversation->to, im->setting.domain);
    bool sent = im_send_text(im, from, conversation->address, id, text);
    g_free(from);
    if (sent) g_free(talk_of(conversation)->sent), talk_of(conversation)->sent = g_strdup(id);
    return sent;
}

/* False: it waits for the server, behind what waits already. */
static bool talk_send(struct conversation *conversation, const char *id, const char *text)
{
    struct talk *talk = talk_of(conversation);
    if (talk->unsent.length == 0 && send_now(conversation, id, text)) return true;
    struct unsent *unsent = memory_zeroed(1, sizeof *unsent);
    unsent->id = g_strdup(id), unsent->text = g_strdup(text);
    g_queue_push_tail(&talk->unsent, unsent);
    return false;
}

/* One rule for what strategies and we say by ourselves: else two machines would answer each other for ever. */
static bool talk_may_tell(struct im *im, const char *bare)
{
    return !robots_refusal(im->robots, bare, im->services->now_us(im->link));
}

/* Our own words. */
static void talk_tells_self(struct conversation *conversation, const char *text)
{
    if (talk_may_tell(talk_im(conversation), conversation->address)) (void)talk_send(conversation, NULL, text);
}

static void unsent_free(gpointer given)
{
    struct unsent *unsent = given;
    g_free(unsent->id), g_free(unsent->text);
    free(unsent);
}

static void talk_flush(struct talk *talk)
{
    struct conversation *conversation = &talk->conversation;
    for (struct unsent *unsent; (unsent = g_queue_peek_head(&talk->unsent));) {
        if (!send_now(conversation, unsent->id, unsent->text)) return;
        g_queue_pop_head(&talk->unsent);
        if (unsent->id)
            conversation_delivered(conversation->all, &(struct delivered){.conn = conversation->conn,
                                                                          .msg_id = unsent->id,
                                                                          .state = delivery_accepted,
                                                                          .final = true});
        unsent_free(unsent);
    }
}

void talk_up(struct im *im)
{
    GList *all = g_hash_table_get_values(im->conversations.conns);
    for (GList *at = all; at; at = at->next) talk_flush(at->data);
    g_list_free(all);
}

struct talk *talk_by_conn(struct im *im, uint64_t conn)
{
    return g_hash_table_lookup(im->conversations.conns, &conn);
}

/* ---- what is said ---- */

static void saying_begins(struct talk *talk, const char *id, const struct offer *offer, const char *text,
                          const char *receipt)
{
    struct saying *saying = memory_zeroed(1, sizeof *saying);
    saying->text = g_strdup(text), saying->receipt = g_strdup(receipt);
    saying->expert = offer ? offer->expert : NULL;
    if (!talk->saying) talk->saying = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, saying_free);
    g_hash_table_replace(talk->saying, g_strdup(id), saying);
}

static void saying_received(struct conversation *conversation, const struct saying *saying)
{
    struct im *im = talk_im(conversation);
    if (!saying->receipt) return;
    if (saying->expert) {
        offer_received(saying->expert, conversation->ixn, saying->receipt);
        return;
    }
    char *from = g_strdup_printf("%s@%s", conversation->to, im->setting.domain);
    im_send_receipt(im, from, conversation->address, saying->receipt);
    g_free(from);
}

/* The store has it: it goes on. The words of an expert go to the asker by im_way.send. */
static void talk_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    struct im *im = talk_im(conversation);
    struct talk *talk = talk_of(conversation);
    GHashTable *all = talk->saying;
    const struct saying *saying = all ? g_hash_table_lookup(all, id) : NULL;
    if (!saying) return;
    if (code && saying->expert)
        offer_unsent(saying->expert, conversation->ixn);
    else if (code)
        talk_tells_self(conversation, im_words[IM_unsent]);
    else
        saying_received(conversation, saying);
    if (!code && !saying->expert && place > talk->carried) {
        talk->carried = place;
        char *msg_id = g_strconcat(KEEP_OWN, id, NULL);
        offer_each(im, conversation->ixn, NULL, msg_id, NULL, saying->text);
        g_free(msg_id);
    }
    g_hash_table_remove(all, id);
}

static enum delivery talk_sends(struct conversation *conversation, const struct keep_job *said, enum cause *cause)
{
    (void)cause;
    offer_each(talk_im(conversation), conversation->ixn, said->name, said->msg_id, said->from, said->text);
    return talk_send(conversation, said->msg_id, said->text) ? delivery_accepted : delivery_unknown;
}

void talk_of_expert(struct expert *expert, const struct offer *offer, const char *text, const char *receipt)
{
    struct im *im = expert->im;
    struct talk *talk = talk_by_conn(im, offer->conn);
    char id[40];
    assert(talk); /* the caller has looked */
    if (talk->conversation.over) {
        offer_tell(offer, im_words[IM_nothing]);
        return;
    }
    im_id_of(im, expert->agent, receipt, text, id);
    saying_begins(talk, id, offer, text, receipt);
    conversation_say_as(&talk->conversation, expert->agent, id, text);
}

/* ---- the asker ---- */

static char *talk_key(const char *bare, const char *queue)
{
    return g_strdup_printf("%s %s", bare, queue);
}

static struct conversation *asker_talk(struct im *im, const char *bare, const char *queue)
{
    char *key = talk_key(bare, queue);
    struct conversation *conversation = conversation_by_key(&im->conversations, key);
    g_free(key);
    return conversation;
}

/* The first words, in one line, are what it is about. */
static struct conversation *asker_begins(struct im *im, const char *bare, const char *name, const char *queue,
                                         const char *text)
{
    char *key = talk_key(bare, queue), *first = g_strndup(text, utf8_cut(text, strlen(text), FIRST_WORDS_MAX));
    g_strdelimit(first, "\n\r\t", ' ');
    struct caller caller = {.key = key, .name = name, .address = bare, .to = queue, .queue = queue, .subject = first};
    struct conversation *conversation = conversation_new(&im->conversations, &caller);
    g_free(key), g_free(first);
    return conversation;
}

static void tell_nobody(struct im *im, const char *bare, const char *queue, enum im_words words)
{
    if (!talk_may_tell(im, bare)) return;
    char *from = g_strdup_printf("%s@%s", queue, im->setting.domain);
    im_send_text(im, from, bare, NULL, im_words[words]);
    g_free(from);
}

void talk_said(struct im *im, const char *bare, const char *name, const char *queue, const char *text,
               const char *receipt)
{
    char id[40];
    struct conversation *conversation = asker_talk(im, bare, queue);
    if (strlen(text) > im->setting.text) {
        tell_nobody(im, bare, queue, IM_too_long);
        return;
    }
    if (strcmp(text, "/end") == 0) {
        talk_left(im, bare, queue);
        return;
    }
    if (!conversation) conversation = asker_begins(im, bare, name, queue, text);
    if (!conversation) {
        tell_nobody(im, bare, queue, IM_nobody);
        return;
    }
    im_id_of(im, bare, receipt, text, id);
    saying_begins(talk_of(conversation), id, NULL, text, receipt);
    conversation_say(conversation, id, text, 0);
}

void talk_typing(struct im *im, const char *bare, const char *queue, bool on)
{
    struct conversation *conversation = asker_talk(im, bare, queue);
    if (!conversation) return;
    conversation_typing(conversation, on);
    offer_each_types(im, conversation->ixn, on); /* workers here: the core leaves them to us */
}

void talk_received(struct im *im, const char *bare, const char *queue, const char *id)
{
    const struct conversation *conversation = asker_talk(im, bare, queue);
    if (conversation)
        conversation_delivered(
            &im->conversations,
            &(struct delivered){.conn = conversation->conn, .msg_id = id, .state = delivery_delivered, .final = true});
}

/* Only the last message is told, and once: whoever writes errors tells the agents no more than that. */
void talk_failed(struct im *im, const char *bare, const char *queue, const char *id)
{
    struct conversation *conversation = asker_talk(im, bare, queue);
    if (!conversation || g_strcmp0(talk_of(conversation)->sent, id) != 0) return;
    g_clear_pointer(&talk_of(conversation)->sent, g_free);
    conversation_delivered(&im->conversations, &(struct delivered){.conn = conversation->conn,
                                                                   .msg_id = id,
                                                                   .state = delivery_failed,
                                                                   .cause = cause_gone,
                                                                   .text = "the server could not deliver it",
                                                                   .final = true});
}

void talk_left(struct im *im, const char *bare, const char *queue)
{
    struct conversation *conversation = asker_talk(im, bare, queue);
    if (conversation) conversation_leave(conversation, "left", cause_ok);
}

/* ---- the way ---- */

static void talk_refused(struct conversation *conversation, const char *code)
{
    (void)code;
    talk_tells_self(conversation, im_words[IM_nobody]);
}

static void talk_party(struct conversation *conversation, const char *name, bool joined)
{
    char *text = g_strdup_printf(joined ? "%s is with you." : "%s has left.", name);
    talk_tells_self(conversation, text);
    g_free(text);
    if (joined && conversation->agent_last)
        offer_joined(talk_im(conversation), conversation->ixn, conversation->agent_last);
}

static void talk_warned(struct conversation *conversation, uint64_t seconds)
{
    char *text = g_strdup_printf("Are you still there? Without a word the conversation ends in %llu seconds.",
                                 (unsigned long long)seconds);
    talk_tells_self(conversation, text);
    g_free(text);
}

static void talk_closed(struct conversation *conversation, const char *result)
{
    (void)result;
    talk_tells_self(conversation, im_words[IM_over]);
}

static void talk_types(struct conversation *conversation, const char *from, bool on)
{
    struct im *im = talk_im(conversation);
    char *ours = g_strdup_printf("%s@%s", conversation->to, im->setting.domain);
    (void)from;
    im_send_state(im, ours, conversation->address, on);
    g_free(ours);
}

bool talk_types_to(struct im *im, uint64_t conn, bool on)
{
    struct talk *talk = talk_by_conn(im, conn);
    if (talk) talk_types(&talk->conversation, NULL, on);
    return talk != NULL;
}

static void talk_forget(struct conversation *conversation)
{
    struct talk *talk = talk_of(conversation);
    if (talk->saying) g_hash_table_destroy(talk->saying);
    g_free(talk->sent);
    g_queue_clear_full(&talk->unsent, unsent_free);
}

static void talk_second(void *self)
{
    struct im *im = self;
    im->services->figure(im->link, "conversations", (int64_t)g_hash_table_size(im->conversations.conns));
    component_tick(im->component);
    experts_tick(im);
}

static void talk_observe(struct conversations *all)
{
    experts_observe(all->self);
}

const struct way im_way = {
    .media = media_im,
    .noun = "conversation",
    .files = LETTER_GOES_im_file,
    .kind = STORE_other,
    .address_key = "jid",
    .size = sizeof(struct talk),
    .took = talk_took,
    .refused = talk_refused,
    .send = talk_sends,
    .typing = talk_types,
    .party = talk_party,
    .warned = talk_warned,
    .closed = talk_closed,
    .second = talk_second,
    .observe = talk_observe,
    .forget = talk_forget,
};
