/* runtime/adapters/webhook/hook.c - Messages from the network: in requests to this adapter's HTTP server (called.h),
 * or in answers to its polls. Each message becomes an item of the post office, which recognizes it if it comes
 * again; a conversation keeps it. */
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/vocabulary/reserved.h"
#include "runtime/adapters/webhook/called.h"
#include "runtime/adapters/webhook/fetch.h"
#include "runtime/adapters/webhook/webhook.h"
#include "runtime/vocabulary/bytes.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "runtime/web/authorization.h"

enum { TEXT_BYTES = 4096, TEXT_PIECES = 16, NAME_BYTES = 256, ID_BYTES = 200, MEDIA_BYTES = 2048, LATE_S = 10 };

struct hook { /* a request of the network, or an answer to a poll, until all its messages are kept */
    struct webhook_called called;
    struct webhook *webhook;
    bool polled;
    char *cursor; /* the last cursor in the answer */
};

/* ---- answers ---- */

/* Keeps the cursor: the next poll continues after what was kept, even in the next process. */
static void cursor_set(struct webhook *webhook, const char *cursor)
{
    if (g_strcmp0(webhook->cursor, cursor) == 0) return;
    g_free(webhook->cursor);
    webhook->cursor = g_strdup(cursor);
    char *saved = webhook_cursor_row(cursor);
    memos_put(webhook->conversations.memos, &(struct memo){.name = webhook->us, .saved = saved});
    free(saved);
}

static bool cursor_restore(void *self, const struct memo *memo, const json_t *saved)
{
    struct webhook *webhook = self;
    const char *cursor = json_string_value(json_object_get(saved, "cursor"));
    if (strcmp(memo->name, webhook->us) != 0) return true; /* the cursor is of another account, which may come back */
    g_free(webhook->cursor);
    webhook->cursor = g_strdup(cursor);
    return cursor != NULL;
}

const struct conversation_memos cursor_memos = {
    .kind = "cursor", .noun = "cursor", .before = before_cursor, .restore = cursor_restore};

static void hook_over(struct webhook_called *called)
{
    struct hook *hook = (struct hook *)called;
    struct webhook *webhook = hook->webhook;
    if (hook->polled) {
        webhook->asking = false;
        if (!called->again && hook->cursor) {
            cursor_set(webhook, hook->cursor);
            webhook->asked_us = 0; /* more posts may wait, so the next poll is at once */
        }
    }
    g_free(hook->cursor);
    free(hook);
}

/* Makes the struct for a request; `http` NULL: for a poll's answer. */
static struct hook *hook_new(struct webhook *webhook, struct evhttp_request *http)
{
    struct hook *hook = memory_zeroed(1, sizeof *hook);
    hook->webhook = webhook, hook->polled = !http;
    called_begin(&hook->called, http, hook_over);
    return hook;
}

/* Takes the post office's verdict on a message; its request is answered once none of its messages waits any more. */
bool hook_answer(void *self, const struct post_ticket *ticket, enum post_verdict verdict, const char *name)
{
    struct webhook *webhook = self;
    struct webhook_taken *taken = (struct webhook_taken *)(uintptr_t)ticket->from;
    struct hook *hook = taken->hook;
    (void)name;
    if (verdict == POST_NEVER_KEPT || verdict == POST_NEVER_ROUTED)
        webhook->services->log(webhook->link, GCX_LOG_ERROR, 0, 0, "%s: message %s is lost: %s never takes it",
                               webhook->setting.of->name, taken->id,
                               verdict == POST_NEVER_KEPT ? "the contact store" : "the core");
    g_hash_table_remove(webhook->taking, taken->id);
    called_less(&hook->called, !POST_IS_LATER(verdict));
    return true;
}

/* ---- posts ---- */

/* Returns the key of the conversation: the customer's address and the site's, so that a customer who writes to two of
 * the site's addresses has two conversations. */
static char *key_of(const struct post *post)
{
    return g_strconcat(post->fields[POST_from], "\n", post->fields[POST_to], NULL);
}

/* Returns the words that agents read about a post's file; "": there is no file. */
static char *file_shown(const struct webhook *webhook, const struct post *post, const struct said_file *file)
{
    const char *type = *post->fields[POST_type] ? post->fields[POST_type] : "file", *media = post->fields[POST_media];
    if (file->why) return g_strdup_printf("[%s was sent, which could not be had: %s]", type, file->why);
    bool named = *media && !webhook->setting.of->media.url; /* files of this network are not fetched */
    return named ? g_strdup_printf("%s %s", type, media) : g_strdup("");
}

/* Returns the text for people, with words about a file after it. A file without a text is shown by its name. */
static char *text_shown(const struct webhook *webhook, const struct post *post, const struct said_file *file)
{
    const char *said = post->fields[POST_text], *instead = file->name ? file->name : "";
    char *below = file_shown(webhook, post, file);
    GString *text = g_string_new(*said || *below ? said : instead);
    g_string_append_printf(text, "%s%s", text->len > 0 && *below ? "\n" : "", below);
    g_free(below);
    if (text->len > TEXT_PIECES * TEXT_BYTES) {
        webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0,
                               "%s: message %.80s has %zu bytes: the last are cut", webhook->setting.of->name,
                               post->fields[POST_id], text->len);
        g_string_truncate(text, utf8_cut(text->str, (uint32_t)text->len, TEXT_PIECES * TEXT_BYTES));
    }
    for (char *c = text->str; *c; c++)
        if (((unsigned char)*c < ' ' && *c != '\n' && *c != '\t') || *c == 127) *c = ' ';
    return g_string_free(text, FALSE);
}

static void field_set(char **field, const char *value)
{
    g_free(*field);
    *field = *value ? g_strdup(value) : NULL;
}

/* Notes who may read the customer's posts: answers are shown only to the narrowest circle so far, even if other posts
 * are public. */
static void posting_narrow(struct posting *posting, const struct network_write *write, const char *seen_by)
{
    if (!*seen_by) return;
    unsigned rank = network_visibility(write, seen_by);
    if (!write->visibilities[0])
        field_set(&posting->visibility, seen_by);
    else if (!posting->visibility || rank > network_visibility(write, posting->visibility))
        field_set(&posting->visibility, write->visibilities[rank]);
}

/* Returns the time when a post was written. Networks give whole seconds, by their own clocks: a post that comes at
 * once gets the time of its arrival, so that it comes after what was written before. */
static int64_t post_written_us(const struct conversations *all, const struct post *post)
{
    int64_t now_us = (int64_t)all->services->wall_us(all->link);
    bool late = post->at_us > 0 && post->at_us < now_us - LATE_S * INT64_C(1000000);
    return late ? post->at_us : now_us;
}

static void posting_follow(struct posting *posting, const struct post *post)
{
    const struct webhook *webhook = posting->conversation.all->self;
    field_set(&posting->thread, post->fields[POST_thread]);
    posting_narrow(posting, &webhook->setting.of->write, post->fields[POST_visibility]);
    const struct conversations *all = posting->conversation.all;
    int64_t at_us = post_written_us(all, post);
    if (at_us > posting->last_us) posting->last_us = at_us;
}

struct conversation *hook_conversation(struct webhook *webhook, const struct post *post)
{
    char *key = key_of(post);
    const struct conversation *before = conversation_by_key(&webhook->conversations, key);
    struct conversation *conversation =
        conversation_with(&webhook->conversations, &(struct caller){.key = key,
                                                                    .name = post->fields[POST_name],
                                                                    .address = post->fields[POST_from],
                                                                    .to = post->fields[POST_to],
                                                                    .queue = webhook->setting.queue});
    g_free(key);
    const char *seen_by = before ? ((const struct posting *)before)->visibility : NULL;
    /* the new conversation continues the full one, so the same people may read it */
    if (conversation && conversation != before && seen_by)
        posting_narrow((struct posting *)conversation, &webhook->setting.of->write, seen_by);
    return conversation;
}

/* Notes a word by which a customer refuses messages, wants them again, or asks for a person; it must be the whole of a
 * short message. The store keeps it before the message, and messages written afterwards are refused. */
static void take_leaving_word(struct conversation *conversation, const char *id, const char *text)
{
    const struct webhook *webhook = conversation->all->self;
    const struct reserved_rules words = {webhook->setting.languages, webhook->setting.words};
    enum words_meaning word = webhook->setting.of->texts ? reserved_read(text, &words, "") : WORDS_NONE;
    if (word == WORDS_PERSON) ((struct posting *)conversation)->asks_person = true;
    if (word != WORDS_STOP && word != WORDS_START) return;
    conversation_refuses(conversation, word == WORDS_STOP, text);
    char *name = g_strconcat("word:", id, NULL);
    conversation_advise(conversation, name,
                        word == WORDS_STOP ? "The customer wants no more messages from us, and gets none."
                                           : "The customer wants messages from us again.");
    g_free(name);
}

/* Returns the id of a piece: that of its post with a number, but for the last piece only the post's. */
static char *piece_name(const char *id, unsigned piece)
{
    return g_strdup_printf("%s (%u)", id, piece);
}

struct webhook_taken *hook_taken_of(const struct webhook *webhook, const char *name)
{
    struct webhook_taken *taken = g_hash_table_lookup(webhook->taking, name);
    const char *number = strrchr(name, ' ');
    if (taken || !number || number[1] != '(') return taken;
    char *id = g_strndup(name, (size_t)(number - name));
    taken = g_hash_table_lookup(webhook->taking, id);
    g_free(id);
    return taken && taken->pieces > 0 ? taken : NULL;
}

/* Adds a long text as several pieces, in their order, each with an id of its own: the network is answered when each
 * has its answer (turn_took()). A piece may end the conversation, and with it the post. */
static void hook_say_pieces(struct webhook_taken *taken, struct conversation *conversation, const char *text,
                            int64_t file)
{
    struct webhook *webhook = taken->webhook;
    int64_t at_us = post_written_us(&webhook->conversations, &taken->post);
    char *id = g_strdup(taken->id);
    uint32_t left = (uint32_t)strlen(text), length;
    for (uint32_t at = 0; at < left; at += utf8_cut(text + at, left - at, TEXT_BYTES)) taken->pieces++;
    for (unsigned piece = 1; left > 0 && g_hash_table_lookup(webhook->taking, id) == taken; piece++) {
        length = utf8_cut(text, left, TEXT_BYTES);
        char *said = g_strndup(text, length), *name = length < left ? piece_name(id, piece) : g_strdup(id);
        conversation_say_at(conversation, name, said, length < left ? 0 : file, at_us);
        text += length, left -= length;
        g_free(said), g_free(name);
    }
    g_free(id);
}

bool hook_say_after(struct webhook_taken *taken)
{
    struct webhook *webhook = taken->webhook;
    if (taken->sought || !taken->made.of || conversation_by_key(&webhook->conversations, taken->key)) return false;
    const struct conversation_after after = {.address = taken->post.fields[POST_from],
                                             .name = taken->post.fields[POST_name],
                                             .id = taken->id,
                                             .made = &taken->made,
                                             .at_us = post_written_us(&webhook->conversations, &taken->post),
                                             .asker = taken};
    taken->sought = true;
    conversation_say_after(&webhook->conversations, &after);
    return true;
}

bool hook_say_post(struct webhook_taken *taken, const struct said_file *file)
{
    struct webhook *webhook = taken->webhook;
    const struct post *post = &taken->post;
    struct conversation *conversation = hook_conversation(webhook, post);
    if (!conversation) return false;
    struct posting *posting = (struct posting *)conversation;
    taken->conversation = conversation;
    posting_follow(posting, post);
    posting->files += file->part != 0;
    if (taken->made.text) {
        conversation_say_content(conversation, taken->id, &taken->made, post_written_us(&webhook->conversations, post));
        return true;
    }
    char *text = text_shown(webhook, post, file);
    take_leaving_word(conversation, taken->id, post->fields[POST_text]);
    hook_say_pieces(taken, conversation, *text ? text : "-", file->part);
    g_free(text);
    return true;
}

/* Returns the name of a post. A network names a change only by the message: it gets a name of its own. A deletion has
 * the name by which the contact store looks for it. */
static char *post_name(const struct post *post)
{
    const char *id = post->fields[POST_id], *of = post->content->of;
    if (post->kind == POSTED_DELETE) return g_strconcat("deleted:", of, NULL);
    if (post->kind == POSTED_EDIT && strcmp(id, of) == 0)
        return g_strdup_printf("edited:%s:%" G_GINT64_FORMAT, of, post->at_us);
    return g_strdup(id);
}

/* Makes what the post consists of, unless it is a text or a file. A message with neither is of an unknown kind. */
static void taken_make(struct webhook_taken *taken, const struct post *post)
{
    const char *const *fields = post->fields;
    struct said_content unknown = {.kind = message_kind_unknown, .text = fields[POST_other]};
    bool plain = post->content->kind == message_kind_other;
    if (!plain)
        content_make(post->content, &taken->made);
    else if (!*fields[POST_text] && !*fields[POST_media] && *fields[POST_other])
        content_make(&unknown, &taken->made);
}

static struct webhook_taken *taken_of_post(struct hook *hook, const struct post *post, char *name)
{
    struct webhook_taken *taken = memory_zeroed(1, sizeof *taken);
    *taken =
        (struct webhook_taken){.webhook = hook->webhook, .hook = hook, .id = name, .key = key_of(post), .post = *post};
    taken_make(taken, post);
    if (post->kind == POSTED_REACTION) {
        const char *ours = post->fields[POST_ours];
        char form[POST_ADDRESS];
        hook->webhook->post_way.names(hook->webhook, *ours ? ours : post->content->of, form);
        taken->made.ours = g_strdup(form);
    }
    taken->post.content = NULL;
    for (unsigned i = 0; i < POST_FIELDS; i++) taken->post.fields[i] = g_strdup(post->fields[i]);
    return taken;
}

static void taken_free(gpointer data)
{
    struct webhook_taken *taken = data;
    for (unsigned i = 0; i < POST_FIELDS; i++) g_free((char *)(uintptr_t)taken->post.fields[i]);
    fetch_free(taken->fetch);
    content_made_clear(&taken->made);
    g_free(taken->id), g_free(taken->key);
    free(taken);
}

static void take_message(struct hook *hook, const struct post *post)
{
    struct webhook *webhook = hook->webhook;
    const char *from = post->fields[POST_from];
    if (strcmp(from, post->fields[POST_to]) == 0 || webhook_address_is_ours(&webhook->setting, from)) {
        webhook->services->count(webhook->link, "own", 1); /* the network also sends what this adapter has written */
        return;
    }
    char *id = post_name(post);
    if (g_hash_table_contains(webhook->taking, id)) { /* the same message is being taken already */
        hook->called.again = true;
        g_free(id);
        return;
    }
    struct webhook_taken *taken = taken_of_post(hook, post, id);
    struct post_item *item = memory_zeroed(1, sizeof *item);
    item->place = (struct post_place){.total = 1, .n = 1};
    item->text = g_strdup(post->fields[POST_text]);
    text_set(item->peer_id, sizeof item->peer_id, id);
    text_set(item->customer, sizeof item->customer, from);
    snprintf(item->own, sizeof item->own, "%s:%s", webhook->us, post->fields[POST_to]);
    g_hash_table_insert(webhook->taking, taken->id, taken);
    hook->called.waiting++;
    office_take(webhook->office, &(struct post_ticket){.from = (uintptr_t)taken}, item);
}

static void take_status(struct webhook *webhook, const struct post *status)
{
    const char *state = status->fields[POST_status];
    bool failed = strcmp(state, "failed") == 0, read = strcmp(state, "read") == 0;
    struct post_receipt receipt = {.state = failed ? POST_OUT_failed : POST_OUT_delivered, .read = read};
    /* the state that was reported before says the same or more */
    if (!failed && !read && strcmp(state, "delivered") != 0) return;
    webhook->post_way.names(webhook, status->fields[POST_id], receipt.form);
    text_set(receipt.peer_id, sizeof receipt.peer_id, status->fields[POST_id]);
    if (failed) text_set(receipt.word, sizeof receipt.word, "the network could not deliver it");
    office_receipt(webhook->office, &(struct post_ticket){0}, &receipt);
}

static bool post_fits(const struct post *post)
{
    return strlen(post->fields[POST_id]) <= ID_BYTES && strlen(post->fields[POST_of]) <= ID_BYTES &&
           strlen(post->fields[POST_from]) <= NAME_BYTES && strlen(post->fields[POST_to]) <= NAME_BYTES &&
           strlen(post->fields[POST_name]) <= NAME_BYTES && strlen(post->fields[POST_media]) <= MEDIA_BYTES;
}

/* Is the post for another account? A network sends posts for all accounts of its application to one address. */
static bool is_others(struct webhook *webhook, const struct post *post)
{
    const char *account = post->fields[POST_account];
    if (!*account || strcmp(account, webhook->setting.account) == 0) return false;
    webhook->services->count(webhook->link, "others", 1);
    if (!webhook->told_others)
        webhook->services->log(webhook->link, GCX_LOG_WARNING, 0, 0,
                               "%s: posts come for the account %.60s, and this adapter has %.60s: they are not taken; "
                               "an account needs an adapter, and an address, of its own",
                               webhook->setting.of->name, account, webhook->setting.account);
    webhook->told_others = true;
    return true;
}

static void hook_take(void *called, const struct post *post)
{
    struct hook *hook = called;
    struct webhook *webhook = hook->webhook;
    if (is_others(webhook, post)) return;
    if (!post_fits(post)) {
        webhook->services->count(webhook->link, "passed", 1);
        return;
    }
    if (*post->fields[POST_cursor] && (!hook->cursor || strlen(hook->cursor) < strlen(post->fields[POST_cursor]) ||
                                       (strlen(hook->cursor) == strlen(post->fields[POST_cursor]) &&
                                        strcmp(hook->cursor, post->fields[POST_cursor]) < 0))) {
        g_free(hook->cursor);
        hook->cursor = g_strdup(post->fields[POST_cursor]);
    }
    if (post->kind == POSTED_STATUS)
        take_status(webhook, post);
    else
        take_message(hook, post);
}

static struct called_by hook_by(const struct webhook *webhook)
{
    return (struct called_by){webhook->link, webhook->services, webhook->setting.of, &webhook->setting.given};
}

/* Reads a request; `http` NULL: `body` is the answer to a poll. */
static void hook_read(struct webhook *webhook, struct evhttp_request *http, const char *body, size_t length)
{
    struct hook *hook = hook_new(webhook, http);
    struct called_by by = hook_by(webhook);
    bool good = called_read(&hook->called, &by, body, length, hook_take);
    called_less(&hook->called, good || http);
}

void hook_polled(struct webhook *webhook, const char *body, size_t length)
{
    hook_read(webhook, NULL, body, length);
}

/* ---- requests ---- */

/* Answers the network's test whether the address is ours: if it names our token it gets its own word back. */
static void hook_challenge(struct webhook *webhook, struct evhttp_request *http)
{
    const struct network *network = webhook->setting.of;
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(http)), *token, *word;
    struct evkeyvalq pairs;
    if (!query || !network->challenge_token || evhttp_parse_query_str(query, &pairs) != 0) {
        reply_text(http, 404, "There is nothing here.\n");
        return;
    }
    token = evhttp_find_header(&pairs, network->challenge_token);
    word = evhttp_find_header(&pairs, network->challenge_answer);
    if (token && word && authorization_same(token, webhook->setting.verify_token))
        reply_text(http, 200, word);
    else
        reply_text(http, 403, "This is not the word that we know.\n");
    evhttp_clear_headers(&pairs);
}

void hook_request(void *self, struct evhttp_request *http)
{
    struct webhook *webhook = self;
    struct called_by by = hook_by(webhook);
    if (evhttp_request_get_command(http) == EVHTTP_REQ_GET)
        hook_challenge(webhook, http);
    else if (called_may_be_read(&by, http))
        hook_read(webhook, http, NULL, 0);
}

/* ---- a life ---- */

void hook_init(struct webhook *webhook)
{
    webhook->taking = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, taken_free);
}

/* Frees the hooks, after the conversations and the HTTP server: requests without an answer are gone with the server. */
void hook_free(struct webhook *webhook)
{
    GHashTable *hooks = g_hash_table_new_full(g_direct_hash, g_direct_equal, free, NULL);
    GHashTableIter at;
    gpointer value;
    if (webhook->taking) {
        g_hash_table_iter_init(&at, webhook->taking);
        while (g_hash_table_iter_next(&at, NULL, &value)) {
            const struct webhook_taken *taken = value;
            if (taken->coming) post_coming_free(taken->coming);
            if (!g_hash_table_add(hooks, taken->hook)) continue;
            g_free(taken->hook->cursor);
        }
        g_hash_table_destroy(webhook->taking);
    }
    g_hash_table_destroy(hooks);
    g_free(webhook->cursor);
}
