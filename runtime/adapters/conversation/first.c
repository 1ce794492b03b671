/* runtime/adapters/conversation/first.c - The first words of a conversation. A customer who only opens a chat rings
 * nobody: neither the contact store nor the core hears of it before the customer has said something. The first words
 * wait here until the core has the conversation, in their order. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/conversation/internal.h"
#include "base/memory.h"

enum { FIRST_MAX = 20 };

static void words_free(gpointer data)
{
    struct first_words *words = data;
    g_free(words->id), g_free(words->text);
    free(words);
}

void first_forget(struct conversation *conversation)
{
    g_queue_clear_full(&conversation->first, words_free);
}

static bool is_held(const struct conversation *conversation, const char *id)
{
    for (const GList *one = conversation->first.head; one; one = one->next)
        if (strcmp(((const struct first_words *)one->data)->id, id) == 0) return true;
    return false;
}

void first_say(struct conversation *conversation, const char *id, const char *text, int64_t file, int64_t at_us)
{
    assert(conversation->phase < CONVERSATION_OPEN);
    const struct conversations *all = conversation->all;
    if (is_held(conversation, id)) return; /* a customer who is back says it again */
    if (conversation->first.length >= FIRST_MAX) {
        all->way->took(conversation, id, 0, "busy");
        return;
    }
    struct first_words *words = memory_zeroed(1, sizeof *words);
    words->id = g_strdup(id), words->text = g_strdup(text), words->file = file, words->at_us = at_us;
    g_queue_push_tail(&conversation->first, words);
    if (conversation->phase != CONVERSATION_WAITING) return;
    if (all->services->up(all->link))
        conversation_put(conversation);
    else
        conversation_refused(conversation, "away");
}

void first_said(struct conversation *conversation)
{
    assert(conversation->phase == CONVERSATION_OPEN);
    for (struct first_words *words; (words = g_queue_pop_head(&conversation->first));) {
        conversation_tell(conversation, words->id, words->text, words->file, words->at_us);
        words_free(words);
    }
    if (conversation->leaves) conversation_leave(conversation, "left", cause_ok);
}
