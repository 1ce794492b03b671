/* runtime/adapters/im/talk.c - Askers, and the words between them and the workers: a way of conversations.
 *
 * A message goes on once the contact store has it. While the server is away messages wait in their order.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/memory.h"

enum { FIRST_WORDS_MAX = 300 };

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

struct saying { /* it is on its way to the store */
    char *text;
    const struct expert *expert; /* who says it; NULL: the asker */
};

static void saying_free(gpointer given)
{
    struct saying *saying = given;
    g_free(saying->text);
    free(saying);
}

/* ---- to the asker ---- */

static bool send_now(struct conversation *conversation, const char *id, const char *text)
{
    struct im *im = talk_im(conversation);
    char *from = g_strdup_printf("%s@%s", conversation->to, im->setting.domain);
    bool sent = im_send_text(im, from, conversation->address, id, text);
    g_free(from);
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

/* A worker who joins reads it. The oldest lines go first. */
static void talk_note(struct talk *talk, const char *name, const char *text)
{
    GString *so_far = talk->so_far;
    if (!so_far) so_far = talk->so_far = g_string_new(NULL);
    g_string_append_printf(so_far, "%s%s: %s", so_far->len > 0 ? "\n" : "", name, text);
    while (so_far->len > SO_FAR_MAX) {
        const char *line = strchr(so_far->str, '\n');
        g_string_erase(so_far, 0, line ? line - so_far->str + 1 : (gssize)so_far->len);
    }
}

static void saying_begins(struct talk *talk, const char *id, const struct offer *offer, const char *text)
{
    struct saying *saying = memory_zeroed(1, sizeof *saying);
    saying->text = g_strdup(text), saying->expert = offer ? offer->expert : NULL;
    if (!talk->saying) talk->saying = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, saying_free);
    g_hash_table_replace(talk->saying, g_strdup(id), saying);
}

/* The store has it: it goes on. The words of an expert go to the asker by im_way.send. */
static void talk_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    struct im *im = talk_im(conversation);
    GHashTable *all = talk_of(conversation)->saying;
    const struct saying *saying = all ? g_hash_table_lookup(all, id) : NULL;
    (void)place;
    if (!saying) return;
    if (code && saying->expert)
        offer_unsent(saying->expert, conversation->ixn);
    else if (code)
        talk_send(conversation, NULL, im_words[IM_unsent]);
    if (!code && !saying->expert) {
        talk_note(talk_of(conversation), conversation->name, saying->text);
        offer_each(im, conversation->ixn, NULL, NULL, saying->text);
    }
    g_hash_table_remove(all, id);
}

static enum delivery talk_sends(struct conversation *conversation, const struct keep_job *said, enum cause *cause)
{
    bool of_person = strcmp(said->role, "agent") == 0 || strcmp(said->role, "supervisor") == 0;
    (void)cause;
    if (of_person) talk_note(talk_of(conversation), said->from, said->text);
    offer_each(talk_im(conversation), conversation->ixn, said->name, said->from, said->text);
    return talk_send(conversation, said->msg_id, said->text) ? delivery_accepted : delivery_unknown;
}

void talk_of_expert(struct expert *expert, const struct offer *offer, const char *text)
{
    struct im *im = expert->im;
    struct talk *talk = talk_by_conn(im, offer->conn);
    char id[40];
    if (!talk || talk->conversation.over) {
        offer_tell(offer, im_words[IM_nothing]);
        return;
    }
    if (strlen(text) > im->setting.text) {
        offer_tell(offer, im_words[IM_too_long]);
        return;
    }
    im_new_id(im, id);
    saying_begins(talk, id, offer, text);
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

static struct conversation *asker_begins(struct im *im, const char *bare, const char *name, const char *queue,
                                         const char *text)
{
    char *key = talk_key(bare, queue);
    struct caller caller = {.key = key, .name = name, .address = bare, .to = queue, .queue = queue};
    struct conversation *conversation = conversation_new(&im->conversations, &caller);
    g_free(key);
    if (!conversation) return NULL;
    struct talk *talk = talk_of(conversation);
    const char *end;
    talk->first = g_strndup(text, FIRST_WORDS_MAX);
    if (!g_utf8_validate(talk->first, -1, &end)) talk->first[end - talk->first] = 0;
    return conversation;
}

static void tell_nobody(struct im *im, const char *bare, const char *queue, enum im_words words)
{
    char *from = g_strdup_printf("%s@%s", queue, im->setting.domain);
    im_send_text(im, from, bare, NULL, im_words[words]);
    g_free(from);
}

void talk_said(struct im *im, const char *bare, const char *name, const char *queue, const char *text)
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
    im_new_id(im, id);
    saying_begins(talk_of(conversation), id, NULL, text);
    conversation_say(conversation, id, text, 0);
}

void talk_typing(struct im *im, const char *bare, const char *queue, bool on)
{
    struct conversation *conversation = asker_talk(im, bare, queue);
    if (conversation) conversation_typing(conversation, on);
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
    talk_send(conversation, NULL, im_words[IM_nobody]);
}

static void talk_party(struct conversation *conversation, const char *name, bool joined)
{
    char *text = g_strdup_printf(joined ? "%s is with you." : "%s has left.", name);
    talk_send(conversation, NULL, text);
    g_free(text);
    if (joined && conversation->agent_last) offer_joined(talk_of(conversation), conversation->agent_last);
}

static void talk_warned(struct conversation *conversation, uint64_t seconds)
{
    char *text = g_strdup_printf("Are you still there? Without a word the conversation ends in %llu seconds.",
                                 (unsigned long long)seconds);
    talk_send(conversation, NULL, text);
    g_free(text);
}

static void talk_closed(struct conversation *conversation, const char *result)
{
    (void)result;
    talk_send(conversation, NULL, im_words[IM_over]);
}

static void talk_types(struct conversation *conversation, const char *from, bool on)
{
    struct im *im = talk_im(conversation);
    char *ours = g_strdup_printf("%s@%s", conversation->to, im->setting.domain);
    (void)from;
    im_send_state(im, ours, conversation->address, on);
    g_free(ours);
}

static void talk_forget(struct conversation *conversation)
{
    struct talk *talk = talk_of(conversation);
    if (talk->so_far) g_string_free(talk->so_far, TRUE);
    if (talk->saying) g_hash_table_destroy(talk->saying);
    g_free(talk->first);
    g_queue_clear_full(&talk->unsent, unsent_free);
}

static void talk_observe(struct conversations *all)
{
    experts_observe(all->self);
}

const struct way im_way = {
    .media = media_im,
    .noun = "conversation",
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
    .observe = talk_observe,
    .forget = talk_forget,
};
