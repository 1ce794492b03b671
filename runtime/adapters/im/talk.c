/* runtime/adapters/im/talk.c - People who ask, and the messages between them and the workers: conversations whose
 * messages are items of the post office (runtime/post/way.h).
 *
 * A message of an asker is an incoming item: it is taken once under the name that its client gave it, and its
 * receipt is sent when its conversation has kept it. A message to an asker is an outgoing item: it waits while the
 * server is away, and the receipt of the asker's client finds it by its name, even after a restart. XMPP has no
 * answer to a message, so it counts as delivered when it is written to the server. A worker's messages come only by
 * conversation_say_as(), because this link is the worker's desktop. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/letters.h"
#include "runtime/adapter/robots.h"
#include "runtime/adapters/conversation/keep.h"
#include "runtime/adapters/im/content.h"
#include "runtime/adapters/im/im.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { FIRST_WORDS_MAX = 200, ROOM = 1000 };

#define TAKEN_BACK "deleted:" /* before the id of a message: the store's name of what takes it back */

struct asking { /* a message of a person who asks, as an incoming item */
    struct im *im;
    char id[sizeof TAKEN_BACK + IM_ID];  /* the message's id in the conversation */
    char *bare, *queue, *name, *receipt; /* receipt: the id for the receipt that the client wants; NULL: none */
    char *mark;                 /* the id that the client gave; NULL: it does not ask whether the message is read */
    struct content_made made;   /* what it consists of; its text is all that a text has */
    struct post_coming *coming; /* while the store looks for the message that this one is about; else NULL */
    enum im_words refusal;      /* words that tell the asker why the message was refused */
    bool quiet;                 /* another item has told the asker, or will */
};

static struct im *talk_im(const struct conversation *conversation)
{
    return conversation->all->self;
}

static struct im_talk *talk_of(struct conversation *conversation)
{
    return (struct im_talk *)conversation;
}

struct saying {                  /* a message on its way to the store */
    struct post_coming *coming;  /* the asker's item; NULL: a worker wrote the message */
    struct asking *asking;       /* of the item */
    char *text, *receipt;        /* receipt: the id for the receipt that the worker's client wants; NULL: none */
    const struct expert *expert; /* NULL: the asker wrote the message */
    bool waits;                  /* the post office does not have the message yet as an item to the asker */
};

static void saying_free(gpointer given)
{
    struct saying *saying = given;
    g_free(saying->text), g_free(saying->receipt);
    free(saying);
}

/* ---- messages to the asker ---- */

static struct post_sending *talk_sending(struct im *im, uint64_t ixn, const char *id, const char *queue,
                                         const char *bare, const char *text)
{
    struct post_sending *sending = office_sending_new(im->conversations.office, ixn, span_of(id), g_strdup(text));
    text_set(sending->own, sizeof sending->own, queue);
    text_set(sending->customer, sizeof sending->customer, bare);
    return sending;
}

/* Sends the asker an automatic text; such texts are limited together with those of strategies, since otherwise two
 * machines could answer each other for ever. */
static void talk_tells(struct im *im, const char *bare, const char *queue, const char *text)
{
    char id[IM_ID];
    if (robots_refusal(im->robots, bare, im->services->now_us(im->link))) return;
    im_new_id(im, id);
    office_pass(im->conversations.office, talk_sending(im, 0, id, queue, bare, text));
}

static void talk_tells_self(struct conversation *conversation, const char *text)
{
    talk_tells(talk_im(conversation), conversation->address, conversation->to, text);
}

/* Writes the key by which a receipt finds the message; it contains the asker, as two askers may get messages of the
 * same name. */
static void talk_form(const char *bare, const char *id, char form[POST_ADDRESS])
{
    char *both = g_strconcat(bare, "\n", id, NULL),
         *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, both, -1);
    g_strlcpy(form, digest, POST_ADDRESS);
    g_free(digest), g_free(both);
}

static void item_given(const struct post_sending *sending, char peer_id[POST_ADDRESS])
{
    talk_form(sending->customer, sending->msg_id, peer_id);
}

static bool item_send(void *self, const struct post_sending *sending, unsigned n, uint64_t where, void *piece)
{
    struct im *im = ((struct conversations *)self)->self;
    char *from = g_strdup_printf("%s@%s", sending->own, im->setting.domain);
    (void)n, (void)where, (void)piece;
    bool sent = im_send_text(im, from, sending->customer, sending->unkept ? NULL : sending->msg_id, sending->text);
    g_free(from);
    return sent;
}

static uint64_t item_room(void *self, uint64_t *where)
{
    const struct im *im = ((struct conversations *)self)->self;
    (void)where;
    return component_is_up(im->component) ? ROOM : 0;
}

static const char *item_queue(const void *self, const char *own)
{
    const struct im *im = ((const struct conversations *)self)->self;
    for (char **queue = im->setting.all_queues; *queue; queue++)
        if (strcmp(*queue, own) == 0) return *queue;
    return NULL;
}

void talk_up(struct im *im)
{
    office_pump(im->conversations.office);
}

struct im_talk *talk_by_conn(struct im *im, uint64_t conn)
{
    return g_hash_table_lookup(im->conversations.conns, &conn);
}

/* ---- messages to be kept ---- */

static struct saying *saying_begins(struct im_talk *talk, const char *id, const char *text)
{
    struct saying *saying = memory_zeroed(1, sizeof *saying);
    saying->text = g_strdup(text);
    if (!talk->saying) talk->saying = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, saying_free);
    g_hash_table_replace(talk->saying, g_strdup(id), saying);
    return saying;
}

/* Passes a kept message of the asker on to the workers here. */
static void asker_said(struct conversation *conversation, const char *id, int64_t place, const struct saying *saying)
{
    struct im_talk *talk = talk_of(conversation);
    if (place <= talk->carried) return;
    talk->carried = place;
    char *msg_id = g_strconcat(KEEP_OWN, id, NULL);
    offer_each(talk_im(conversation), conversation->ixn, NULL, msg_id, NULL, saying->text);
    g_free(msg_id);
}

/* Notes the ids of a message, if its client wants to know that it is read. */
static void talk_marks(struct im_talk *talk, const struct asking *asking)
{
    if (!asking->mark || content_is_aside(asking->made.kind)) return;
    g_free(talk->mark), g_free(talk->mark_of);
    talk->mark = g_strdup(asking->mark), talk->mark_of = g_strdup(asking->id);
}

/* Passes on a message that the store has kept. An expert's message goes to the asker by im_way.send. */
static void talk_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    GHashTable *all = talk_of(conversation)->saying;
    struct saying *saying = all ? g_hash_table_lookup(all, id) : NULL;
    if (!saying || (!code && saying->waits)) return; /* item_held() follows */
    struct post_coming *coming = g_steal_pointer(&saying->coming);
    if (!code && coming) {
        talk_marks(talk_of(conversation), saying->asking);
        asker_said(conversation, id, place, saying);
    }
    if (!code && !coming && saying->receipt)
        offer_received(saying->expert, conversation->ixn, saying->receipt);
    else if (code && saying->expert)
        offer_unsent(saying->expert, conversation->ixn);
    g_hash_table_remove(all, id);
    if (coming) office_said(coming, !code ? POST_TAKEN : strcmp(code, "unfit") == 0 ? POST_NEVER_KEPT : POST_LATER);
}

static enum delivery talk_sends(struct conversation *conversation, struct keep_job *said, enum cause *cause)
{
    struct im *im = talk_im(conversation);
    GHashTable *all = talk_of(conversation)->saying;
    struct saying *saying = all ? g_hash_table_lookup(all, said->msg_id) : NULL;
    struct post_sending *sending =
        talk_sending(im, conversation->ixn, said->msg_id, conversation->to, conversation->address, said->text);
    sending->conn = conversation->conn;
    offer_each(im, conversation->ixn, said->name, said->msg_id, said->from, said->text);
    enum delivery state = office_say(im->conversations.office, sending, cause);
    if (saying) saying->waits = state == delivery_unknown;
    return state;
}

/* Takes the post office's confirmation that it has a worker's message: only now the worker's client gets its receipt,
 * since before that only the client could repeat the message if the process ended. */
static void item_held(void *self, const struct post_sending *sending)
{
    struct im_talk *talk = talk_by_conn(((struct conversations *)self)->self, sending->conn);
    struct saying *saying = talk && talk->saying ? g_hash_table_lookup(talk->saying, sending->msg_id) : NULL;
    if (!saying || !saying->waits) return;
    if (saying->receipt) offer_received(saying->expert, sending->ixn, saying->receipt);
    g_hash_table_remove(talk->saying, sending->msg_id);
}

void talk_of_expert(struct expert *expert, const struct offer *offer, const char *text, const char *receipt)
{
    struct im *im = expert->im;
    struct im_talk *talk = talk_by_conn(im, offer->conn);
    char id[IM_ID];
    assert(talk); /* the caller has found the talk */
    if (talk->conversation.over) {
        offer_tell(offer, im_words[IM_nothing]);
        return;
    }
    im_id_of(im, expert->agent, receipt, receipt, text, id);
    struct saying *saying = talk->saying ? g_hash_table_lookup(talk->saying, id) : NULL;
    if (saying && saying->waits) return; /* item_held() follows for this message */
    saying = saying_begins(talk, id, text);
    saying->expert = expert, saying->receipt = g_strdup(receipt);
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

/* Begins a conversation of a person who asks. The first words of the conversation, as one line, are its subject. */
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

/* Makes what the message consists of, with the store's names of the message that it may be about. A sign may be about
 * one of ours; a message that takes another one back has the name by which the store looks for it. */
static void asking_make(struct asking *asking, const struct talk_said *said)
{
    const struct said_content *given = &said->content->said;
    char of[IM_ID], form[POST_ADDRESS];
    struct said_content content = *given;
    if (given->of) im_lasting_id(said->bare, given->of, of);
    content.of = given->of ? of : NULL;
    content_make(&content, &asking->made);
    if (given->kind == message_kind_reaction) {
        talk_form(said->bare, given->of, form);
        asking->made.ours = g_strdup(form);
    }
    if (given->kind == message_kind_deletion) g_snprintf(asking->id, sizeof asking->id, TAKEN_BACK "%s", of);
    if (given->kind != message_kind_deletion && im_id_lasts(said->id)) {
        char other[IM_ID], *both = g_strdup_printf("%s\n%s", said->id, said->content->text);
        im_lasting_id(said->bare, both, other);
        asking->made.other = g_strdup(other);
        g_free(both);
    }
}

void talk_said(struct im *im, const struct talk_said *said)
{
    const char *text = said->content->text;
    bool plain = said->content->said.kind == message_kind_other;
    if (strlen(text) > im->setting.text) {
        talk_tells(im, said->bare, said->queue, im_words[IM_too_long]);
        return;
    }
    if (plain && strcmp(text, "/end") == 0) {
        talk_left(im, said->bare, said->queue);
        return;
    }
    struct asking *asking = memory_zeroed(1, sizeof *asking);
    struct post_item *item = memory_zeroed(1, sizeof *item);
    asking->im = im, asking->refusal = IM_unsent;
    asking->bare = g_strdup(said->bare), asking->queue = g_strdup(said->queue), asking->name = g_strdup(said->name);
    asking->receipt = g_strdup(said->receipt), asking->mark = g_strdup(said->marked ? said->id : NULL);
    im_id_of(im, said->bare, said->id, said->receipt, text, asking->id);
    asking_make(asking, said);
    item->body = asking;
    item->text = g_strdup(asking->made.text);
    item->place = (struct post_place){.total = 1, .n = 1};
    text_set(item->own, sizeof item->own, said->queue);
    text_set(item->customer, sizeof item->customer, said->bare);
    text_set(item->peer_id, sizeof item->peer_id, asking->made.other ? asking->made.other : asking->id);
    office_take(im->conversations.office, &(struct post_ticket){.from = 1, .number = (uintptr_t)asking}, item);
}

static void asker_forgotten(void *self)
{
    struct asking *asking = self;
    g_free(asking->bare), g_free(asking->queue), g_free(asking->name), g_free(asking->receipt);
    g_free(asking->mark);
    content_made_clear(&asking->made);
    free(asking);
}

/* Says a message in its conversation, or in a new one. The conversation keeps it under the name that the client gave
 * it, as an earlier version did too. */
static void asking_say(struct asking *asking, struct post_coming *coming)
{
    struct im *im = asking->im;
    const char *text = asking->made.text;
    struct conversation *conversation = asker_talk(im, asking->bare, asking->queue);
    if (!conversation) conversation = asker_begins(im, asking->bare, asking->name, asking->queue, text);
    if (!conversation) asking->refusal = IM_nobody;
    GHashTable *saying = conversation ? talk_of(conversation)->saying : NULL;
    const struct saying *before = saying ? g_hash_table_lookup(saying, asking->id) : NULL;
    if (before && asking->made.other && strcmp(before->text, text) != 0) {
        text_set(asking->id, sizeof asking->id, asking->made.other);
        before = g_hash_table_lookup(saying, asking->id);
    }
    asking->quiet = before != NULL;
    if (!conversation || asking->quiet) {
        office_said(coming, POST_LATER);
        return;
    }
    struct saying *new = saying_begins(talk_of(conversation), asking->id, text);
    new->coming = coming, new->asking = asking;
    conversation_say_content(conversation, asking->id, &asking->made, 0);
}

/* Goes on with a message about one of a conversation that may be over. Where the store has no such message, another
 * text is said like any other one; a sign or a retraction says nothing to anybody, and begins no conversation. */
static void asking_said_after(struct conversation_job *job)
{
    struct asking *asking = job->asker;
    struct post_coming *coming = g_steal_pointer(&asking->coming);
    if (!job->keep.good && keep_again(&job->keep))
        office_said(coming, POST_LATER);
    else if (job->keep.good && job->keep.n > 0)
        office_said(coming, POST_TAKEN);
    else if (asking->made.kind == message_kind_edit)
        asking_say(asking, coming);
    else
        office_said(coming, POST_TAKEN);
}

/* Takes an item that the post office has stored. */
static bool item_taken(void *self, struct post_coming *coming, const struct post_item *item)
{
    struct conversations *all = self;
    struct im *im = all->self;
    struct asking *asking = item->body;
    if (!content_is_aside(asking->made.kind) || asker_talk(im, asking->bare, asking->queue)) {
        asking_say(asking, coming);
        return true;
    }
    asking->coming = coming;
    conversation_say_after(
        all,
        &(struct conversation_after){
            .address = asking->bare, .name = asking->name, .id = asking->id, .made = &asking->made, .asker = asking});
    return true;
}

/* Sends the asker the receipt that the client wants, or asks them to write the message again. */
static bool item_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *text)
{
    struct asking *asking = (struct asking *)(uintptr_t)ticket->number;
    struct im *im = asking->im;
    (void)self, (void)text;
    char *from = g_strdup_printf("%s@%s", asking->queue, im->setting.domain);
    if (verdict == POST_TAKEN && asking->receipt)
        im_send_receipt(im, from, asking->bare, asking->receipt);
    else if (verdict != POST_TAKEN && !asking->quiet)
        talk_tells(im, asking->bare, asking->queue, im_words[asking->refusal]);
    g_free(from);
    return true;
}

void talk_typing(struct im *im, const char *bare, const char *queue, bool on)
{
    struct conversation *conversation = asker_talk(im, bare, queue);
    if (!conversation) return;
    conversation_typing(conversation, on);
    offer_each_types(im, conversation->ixn, on); /* for workers of this link, as the core leaves them to it */
}

static void talk_fares(struct im *im, const char *bare, const char *id, struct post_receipt receipt)
{
    receipt.cause = cause_gone, receipt.of_anybody = true;
    talk_form(bare, id, receipt.form);
    text_set(receipt.peer_id, sizeof receipt.peer_id, id);
    office_receipt(im->conversations.office, &(struct post_ticket){0}, &receipt);
}

void talk_received(struct im *im, const char *bare, const char *id)
{
    talk_fares(im, bare, id, (struct post_receipt){.state = POST_OUT_delivered});
}

void talk_displayed(struct im *im, const char *bare, const char *id)
{
    talk_fares(im, bare, id, (struct post_receipt){.state = POST_OUT_delivered, .read = true});
}

void talk_failed(struct im *im, const char *bare, const char *id)
{
    talk_fares(im, bare, id,
               (struct post_receipt){.state = POST_OUT_failed, .word = "the server could not deliver it"});
}

struct leaving {
    struct im *im;
    char *bare, *queue;
};

static bool leaving_waits(void *self, struct store *store, struct error *error)
{
    (void)self, (void)store, (void)error;
    return true;
}

static void leaving_done(void *self, bool good, const struct error *error)
{
    const struct leaving *leaving = self;
    struct conversation *conversation = asker_talk(leaving->im, leaving->bare, leaving->queue);
    (void)good, (void)error;
    if (conversation) conversation_leave(conversation, "left", cause_ok);
}

static void leaving_free(void *self)
{
    struct leaving *leaving = self;
    g_free(leaving->bare), g_free(leaving->queue);
    free(leaving);
}

/* Ends the conversation, but after the asker's earlier messages, which are still being stored. */
void talk_left(struct im *im, const char *bare, const char *queue)
{
    struct leaving *leaving = memory_zeroed(1, sizeof *leaving);
    *leaving = (struct leaving){im, g_strdup(bare), g_strdup(queue)};
    office_errand(
        im->conversations.office,
        &(struct post_errand){.self = leaving, .work = leaving_waits, .done = leaving_done, .free = leaving_free});
}

/* ---- the way ---- */

/* Refuses the items that wait for the conversation; the asker gets only one text about them. */
static void talk_drops(struct conversation *conversation, enum im_words words)
{
    GHashTable *all = g_steal_pointer(&talk_of(conversation)->saying);
    GHashTableIter at;
    gpointer value;
    bool told = false;
    if (!all) return;
    g_hash_table_iter_init(&at, all);
    while (g_hash_table_iter_next(&at, NULL, &value)) {
        struct saying *saying = value;
        if (!saying->coming) continue;
        saying->asking->refusal = words, saying->asking->quiet = told;
        office_said(saying->coming, POST_LATER);
        told = true;
    }
    g_hash_table_destroy(all);
}

static void talk_refused(struct conversation *conversation, const char *code)
{
    (void)code;
    talk_drops(conversation, IM_nobody);
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

/* Tells the asker's client that the last message is read, if that client wanted it. */
static void talk_read(struct conversation *conversation, int64_t place, const char *id)
{
    struct im *im = talk_im(conversation);
    const struct im_talk *talk = talk_of(conversation);
    (void)place;
    if (!talk->mark || strcmp(talk->mark_of, id) != 0) return;
    char *ours = g_strdup_printf("%s@%s", conversation->to, im->setting.domain);
    im_send_read(im, ours, conversation->address, talk->mark);
    g_free(ours);
}

static void talk_save(const struct conversation *conversation, json_t *row)
{
    const struct im_talk *talk = (const struct im_talk *)conversation;
    if (talk->mark) json_object_set_new(row, "mark", json_string(talk->mark));
    if (talk->mark) json_object_set_new(row, "mark_of", json_string(talk->mark_of));
}

static bool talk_restore(struct conversation *conversation, const json_t *row)
{
    const char *mark = json_string_value(json_object_get(row, "mark")),
               *of = json_string_value(json_object_get(row, "mark_of"));
    if (mark && of) talk_of(conversation)->mark = g_strdup(mark), talk_of(conversation)->mark_of = g_strdup(of);
    return true;
}

bool talk_types_to(struct im *im, uint64_t conn, bool on)
{
    struct im_talk *talk = talk_by_conn(im, conn);
    if (talk) talk_types(&talk->conversation, NULL, on);
    return talk != NULL;
}

static void talk_forget(struct conversation *conversation)
{
    talk_drops(conversation, IM_unsent);
    g_free(talk_of(conversation)->mark), g_free(talk_of(conversation)->mark_of);
}

static void talk_second(void *self)
{
    struct im *im = self;
    im->services->figure(im->link, "conversations", (int64_t)g_hash_table_size(im->conversations.conns));
    watched_tick(&im->files);
    component_tick(im->component);
    experts_tick(im);
}

static void talk_observe(struct conversations *all)
{
    experts_observe(all->self);
}

static const struct post_way im_items = {
    .noun = "message",
    .by_peer = REFUSED_im_by_us,
    .by_us = REFUSED_im_by_us,
    .queue = item_queue,
    .answer = item_answer,
    .body_free = asker_forgotten,
    .taken = item_taken,
    .room = item_room,
    .held = item_held,
    .given = item_given,
    .send = item_send,
};

const struct conversation_way im_way = {
    .items = &im_items,
    .media = media_im,
    .noun = "conversation",
    .memos = &expert_memos,
    .files = LETTER_GOES_im_file,
    .kind = STORE_other,
    .address_key = "jid",
    .size = sizeof(struct im_talk),
    .took = talk_took,
    .job = asking_said_after,
    .refused = talk_refused,
    .send = talk_sends,
    .typing = talk_types,
    .read = talk_read,
    .party = talk_party,
    .warned = talk_warned,
    .closed = talk_closed,
    .second = talk_second,
    .observe = talk_observe,
    .save = talk_save,
    .restore = talk_restore,
    .forget = talk_forget,
};
