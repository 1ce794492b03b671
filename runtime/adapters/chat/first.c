/* runtime/adapters/chat/first.c - The first words of a chat. A customer who only opens a chat rings nobody: neither the
 * contact store nor the core hears of it before the customer has said something (the setting `begins` may say
 * otherwise). The first words wait here until the core has the chat. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/chat/chat.h"
#include "runtime/vocabulary/memory.h"

enum { FIRST_MAX = 20 };

struct words {
    char *id, *text;
    int64_t file;
};

static void words_free(gpointer data)
{
    struct words *words = data;
    g_free(words->id), g_free(words->text);
    free(words);
}

void first_forget(struct session *session)
{
    g_queue_clear_full(&session->first, words_free);
}

static bool is_held(const struct session *session, const char *id)
{
    for (const GList *one = session->first.head; one; one = one->next)
        if (strcmp(((const struct words *)one->data)->id, id) == 0) return true;
    return false;
}

void first_say(struct session *session, const char *id, const char *text, int64_t file)
{
    assert(session->phase < CHAT_OPEN);
    struct chat *chat = session->chat;
    if (is_held(session, id)) return; /* a customer who is back says it again */
    if (session->first.length >= FIRST_MAX) {
        chat_error(chat, session->ticket, "busy", id);
        return;
    }
    struct words *words = memory_zeroed(1, sizeof *words);
    words->id = g_strdup(id), words->text = g_strdup(text), words->file = file;
    g_queue_push_tail(&session->first, words);
    if (session->phase != CHAT_WAITING) return;
    if (chat->services->up(chat->link))
        chat_session_put(session);
    else
        session_refused(session, "away");
}

void first_said(struct session *session)
{
    assert(session->phase == CHAT_OPEN);
    for (struct words *words; (words = g_queue_pop_head(&session->first));) {
        session_say(session, words->id, words->text, words->file);
        words_free(words);
    }
    if (session->leaves) chat_session_leave(session, "left", cause_ok);
}
