/* runtime/adapters/sms/session.c - Messages that belong to conversations, whose key is the plugin's number and the
 * customer's.
 *
 * A message that may belong to a conversation goes into the open conversation of its two numbers, or begins one if
 * the setting `sessions` says so; otherwise it is an interaction of its own. The peer is answered once the
 * conversation has kept the message (sms_session_took), and otherwise sends it again: its id in the transcript is
 * the one that the post office uses, so that agents get it once. All messages to the customer are sent by the post
 * office too, like those of strategies. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapter/letters.h"
#include "runtime/adapters/sms/sms.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/utf8.h"

enum { SAID_BYTES = 4000, SUBJECT_BYTES = 200 };

struct session_taking { /* a message that a conversation is to keep */
    struct post_coming *coming;
    const struct post_item *item;
    struct conversation *conversation; /* NULL: the conversation was refused */
    unsigned pieces;                   /* number of the message's pieces that are not kept yet */
    /* saying: pieces are being added; failed: the conversation does not keep the message */
    bool saying, failed;
    bool never; /* it can never be kept: the core has the conversation in quarantine */
};

struct texting {
    struct conversation conversation;
    bool stopped;     /* the customer has refused messages by a word */
    bool asks_person; /* the customer has asked for a person by a word */
};

static char *session_key(const char *own, const char *customer)
{
    return g_strconcat(own, "\n", customer, NULL);
}

static struct conversation *sms_session_of(struct sms *sms, const struct post_item *message)
{
    char *key = session_key(message->own, message->customer);
    struct conversation *conversation = conversation_by_key(&sms->conversations, key);
    g_free(key);
    return conversation;
}

/* ---- what comes ---- */

/* Answers the peer if nothing is waited for any more: all pieces are kept, or the conversation is gone. Called after
 * each change. */
static void session_settle(struct sms *sms, struct session_taking *taking)
{
    if (taking->saying || (taking->pieces > 0 && taking->conversation)) return;
    struct session_taking over = *taking;
    g_hash_table_remove(sms->taking, over.item->external_id);
    office_said(over.coming, over.never ? POST_NEVER_ROUTED : over.failed ? POST_LATER : POST_TAKEN);
}

/* Finds the message by the id of a piece, which is that of the message, with /2 and so on after it. */
static struct session_taking *session_taking_of(const struct sms *sms, const char *id)
{
    char *name = g_strndup(id, strcspn(id, "/"));
    struct session_taking *taking = g_hash_table_lookup(sms->taking, name);
    g_free(name);
    return taking;
}

static void sms_session_took(struct conversation *conversation, const char *id, int64_t place, const char *code)
{
    struct sms *sms = conversation->all->self;
    struct session_taking *taking = session_taking_of(sms, id);
    (void)place;
    if (!taking) return;
    assert(taking->pieces > 0);
    taking->pieces--;
    if (code) taking->failed = true;
    session_settle(sms, taking);
}

/* The core has refused the conversation. The network sends the waiting messages again, unless they have crashed the
 * core. */
static void sms_session_refused(struct conversation *conversation, const char *code)
{
    struct sms *sms = conversation->all->self;
    GList *takings = g_hash_table_get_values(sms->taking);
    (void)code;
    for (GList *one = takings; one; one = one->next) {
        struct session_taking *taking = one->data;
        if (taking->conversation != conversation) continue;
        taking->conversation = NULL;
        taking->failed = true, taking->never = conversation->fault;
        session_settle(sms, taking);
    }
    g_list_free(takings);
}

/* Returns a text as pages show it, without characters that would control a terminal. */
static char *sms_session_shown(const char *text)
{
    char *shown = g_strdup(*text ? text : "-");
    for (char *c = shown; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\n' && *c != '\t') || *c == 127) *c = ' ';
    return shown;
}

/* Adds the message to the conversation; the core limits the length, so a longer message becomes several pieces.
 * `saying` prevents that a piece which is refused at once settles the message before all pieces are added. */
static void session_say(struct session_taking *taking)
{
    char *text = sms_session_shown(taking->item->text);
    unsigned count = 0;
    taking->saying = true;
    for (const char *at = text; *at && !taking->failed;) {
        uint32_t length = utf8_cut(at, strlen(at), SAID_BYTES);
        char *words = g_strndup(at, length);
        char *id = ++count == 1 ? g_strdup(taking->item->external_id)
                                : g_strdup_printf("%s/%u", taking->item->external_id, count);
        assert(length > 0);
        taking->pieces++;
        conversation_say(taking->conversation, id, words, 0);
        g_free(id), g_free(words);
        at += length;
    }
    taking->saying = false;
    g_free(text);
}

static struct conversation *sms_session_new(struct sms *sms, const struct post_item *message, const char *queue)
{
    char *key = session_key(message->own, message->customer), *text = sms_session_shown(message->text);
    char *subject = g_strndup(text, utf8_cut(text, strlen(text), SUBJECT_BYTES));
    struct conversation *conversation = conversation_new(
        &sms->conversations,
        &(struct caller){
            .key = key, .address = message->customer, .to = message->own, .subject = subject, .queue = queue});
    g_free(key), g_free(text), g_free(subject);
    return conversation;
}

/* Takes a message into a conversation; false: it belongs to none and becomes an interaction of its own. True:
 * session_settle() answers the message later. */
bool session_take(void *self, struct post_coming *coming, const struct post_item *message)
{
    struct sms *sms = self;
    const struct reserved_rules words = {sms->setting.languages, sms->setting.words};
    struct conversation *conversation = sms_session_of(sms, message);
    const char *queue = conversation ? NULL : setting_session_queue(&sms->setting, message->own, message->text);
    if (!conversation && !queue) return false;
    bool twice = g_hash_table_contains(sms->taking, message->external_id);
    if (!twice && !conversation) conversation = sms_session_new(sms, message, queue);
    if (twice || !conversation) { /* the same message is being taken already, or there are too many conversations */
        office_said(coming, POST_LATER);
        return true;
    }
    if (reserved_read(message->text, &words, message->own) == WORDS_PERSON)
        ((struct texting *)conversation)->asks_person = true;
    struct session_taking *taking = memory_zeroed(1, sizeof *taking);
    *taking = (struct session_taking){.coming = coming, .item = message, .conversation = conversation};
    g_hash_table_insert(sms->taking, g_strdup(message->external_id), taking);
    session_say(taking);
    session_settle(sms, taking);
    return true;
}

void session_word(void *self, const struct post_item *message)
{
    struct sms *sms = self;
    struct conversation *conversation = sms_session_of(sms, message);
    bool stopped = message->word == WORDS_STOP;
    if (!conversation || message->word == WORDS_HELP) return;
    ((struct texting *)conversation)->stopped = stopped;
    if (conversation->phase != CONVERSATION_OPEN) return;
    conversation_save(conversation);
    conversation_advise(conversation, message->external_id,
                        stopped ? "The customer wants no more messages from us, and gets none."
                                : "The customer wants messages from us again.");
}

/* ---- what goes ---- */

void session_expect(void *self, const struct post_sending *sending)
{
    struct sms *sms = self;
    const char *name = sending->reply_to;
    const char *end = g_str_has_prefix(name, SESSION_BY_DESK) ? strrchr(name, ':') : NULL;
    const char *from = name + strlen(SESSION_BY_DESK);
    if (!end || end <= from || !sms->sessions) return;
    char *agent = g_strndup(from, (gsize)(end - from)), *key = session_key(sending->own, sending->customer);
    struct conversation *conversation = conversation_by_key(&sms->conversations, key);
    char *words = g_strdup_printf("%s has sent to the customer: %s", agent, sending->text);
    conversation_expect(&sms->conversations, key, sending->ixn, agent);
    if (conversation) conversation_advise(conversation, name, words);
    g_free(agent), g_free(key), g_free(words);
}

/* Makes a message to the customer as an item of the post office; `ixn` 0: no core waits for its result. */
static struct post_sending *texting_sending(const struct conversation *conversation, uint64_t ixn, const char *name,
                                            const char *text)
{
    const struct sms *sms = conversation->all->self;
    struct post_sending *sending = office_sending_new(sms->office, ixn, span_of(name), g_strdup(text));
    text_set(sending->own, sizeof sending->own, conversation->to);
    text_set(sending->customer, sizeof sending->customer, conversation->address);
    return sending;
}

/* Sends the customer a message of which the core is not told. A message of the same name is sent once. */
static void texting_unasked(const struct conversation *conversation, const char *name, const char *text)
{
    const struct sms *sms = conversation->all->self;
    office_send_by_machine(sms->office, texting_sending(conversation, 0, name, text));
}

static const char *texting_mute(struct conversation *conversation, enum cause *cause)
{
    *cause = cause_refused;
    return ((const struct texting *)conversation)->stopped
               ? "This message is not sent: the customer wants no messages from us."
               : NULL;
}

static enum delivery texting_send(struct conversation *conversation, struct keep_job *said, enum cause *cause)
{
    const struct sms *sms = conversation->all->self;
    struct post_sending *sending = texting_sending(conversation, conversation->ixn, said->msg_id, said->text);
    sending->conn = conversation->conn;
    return office_say(sms->office, sending, cause);
}

static void texting_warned(struct conversation *conversation, uint64_t seconds)
{
    struct sms *sms = conversation->all->self;
    (void)seconds;
    if (!*sms->setting.idle_text) return;
    char *name = g_strdup_printf("idle-%s-%lld", conversation->external_id,
                                 (long long)(office_wall(sms->office) / SMS_SECOND_US));
    char *words = g_strdup_printf("The customer is told: %s", sms->setting.idle_text);
    texting_unasked(conversation, name, sms->setting.idle_text);
    conversation_advise(conversation, name, words);
    g_free(name), g_free(words);
}

static void texting_closed(struct conversation *conversation, const char *result)
{
    struct sms *sms = conversation->all->self;
    (void)result;
    if (!*sms->setting.closing || conversation->ixn == 0) return;
    char *name = g_strdup_printf("closing-%s", conversation->external_id);
    texting_unasked(conversation, name, sms->setting.closing);
    g_free(name);
}

bool session_is_open(const struct sms *sms, uint64_t conn)
{
    const struct conversation *conversation = g_hash_table_lookup(sms->conversations.conns, &conn);
    return conversation && conversation->phase == CONVERSATION_OPEN && !conversation->over;
}

/* ---- a life ---- */

/* The strategy of the conversation hears that the customer asks for a person. */
static void texting_data(const struct conversation *conversation, struct kv *data)
{
    if (((const struct texting *)conversation)->asks_person)
        kv_put_text(data, RESERVED_ASKS_FOR, span_of(RESERVED_PERSON));
}

static void texting_save(const struct conversation *conversation, json_t *row)
{
    json_object_set_new(row, "stopped", json_boolean(((const struct texting *)conversation)->stopped));
    if (((const struct texting *)conversation)->asks_person) json_object_set_new(row, "asks_person", json_true());
}

static bool texting_restore(struct conversation *conversation, const json_t *row)
{
    ((struct texting *)conversation)->stopped = json_is_true(json_object_get(row, "stopped"));
    ((struct texting *)conversation)->asks_person = json_is_true(json_object_get(row, "asks_person"));
    return true;
}

static const struct conversation_way texting_way = {
    .media = media_sms,
    .noun = "conversation",
    .files = LETTER_GOES_sms_file,
    .kind = STORE_phone,
    .address_key = "phone",
    .size = sizeof(struct texting),
    .took = sms_session_took,
    .refused = sms_session_refused,
    .mute = texting_mute,
    .send = texting_send,
    .warned = texting_warned,
    .closed = texting_closed,
    .data = texting_data,
    .save = texting_save,
    .restore = texting_restore,
};

void session_init(struct sms *sms)
{
    conversations_init(&sms->conversations, sms->link, sms->services, &texting_way, sms);
    sms->taking = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free);
}

bool session_open(struct sms *sms, struct event_base *base, char *why, size_t why_size)
{
    const struct sms_setting *setting = &sms->setting;
    if (setting->route_count == 0) return true;
    sms->conversations.setting = (struct conversation_setting){.store = setting->store,
                                                               .country = setting->country,
                                                               .state = setting->state,
                                                               .sessions = setting->conversations,
                                                               .messages = setting->messages,
                                                               .text = SAID_BYTES,
                                                               .idle = setting->idle,
                                                               .idle_close = setting->idle_close,
                                                               .submit_timeout = setting->submit_timeout,
                                                               .remembers = setting->remembers};
    return sms->sessions = conversations_open(&sms->conversations, base, sms->office, why, why_size);
}

void session_tick(struct sms *sms)
{
    if (!sms->sessions) return;
    conversations_tick(&sms->conversations);
    sms->services->figure(sms->link, "conversations", (int64_t)g_hash_table_size(sms->conversations.conns));
}

void session_core_up(struct sms *sms, bool up)
{
    if (sms->sessions) conversations_core_up(&sms->conversations, up);
}

void session_free(struct sms *sms)
{
    GHashTableIter at;
    gpointer value;
    conversations_stop(&sms->conversations);
    conversations_free(&sms->conversations);
    g_hash_table_iter_init(&at, sms->taking);
    while (g_hash_table_iter_next(&at, NULL, &value)) post_coming_free(((struct session_taking *)value)->coming);
    g_hash_table_destroy(sms->taking);
}
