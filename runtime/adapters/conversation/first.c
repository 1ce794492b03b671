/* runtime/adapters/conversation/first.c - The first words of a conversation. A customer who only opens a chat
 * disturbs nobody: neither the contact store nor the core gets the conversation before the customer has written
 * something. The first words wait here, in their order, until the core has taken or refused the conversation.
 *
 *     WAITING -- first words --> KEPT -- the core has it --> OPEN
 *                 first_say()      first_say()                 conversation_tell()
 *                                  said by first_said(), in their order, once OPEN
 *
 * In the phases WAITING and KEPT the words are only in memory. So the words are not acknowledged: if this process is
 * lost, the customer sends them again. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/conversation/internal.h"
#include "base/memory.h"

enum { FIRST_MAX = 20 };

static bool is_held(const struct conversation *conversation, const char *id)
{
    for (const GList *one = conversation->first.head; one; one = one->next)
        if (strcmp(((const struct first_words *)one->data)->id, id) == 0) return true;
    return false;
}

/* Takes words of a customer before the core has the conversation; the first words submit it, if the core is up. If
 * the core is down the customer gets an error at once. */
static void first_say(struct conversation *conversation, const struct first_words *given)
{
    const char *id = given->id;
    assert(conversation->phase < CONVERSATION_OPEN);
    const struct conversations *all = conversation->all;
    if (is_held(conversation, id)) return; /* a customer who has come back sends the same words again */
    if (conversation->first.length >= FIRST_MAX) {
        all->way->took(conversation, id, 0, "busy");
        return;
    }
    struct first_words *words = memory_zeroed(1, sizeof *words);
    *words = *given;
    words->id = g_strdup(id), words->text = g_strdup(given->text);
    words->of = g_strdup(given->of), words->ours = g_strdup(given->ours), words->about = g_strdup(given->about);
    words->other = g_strdup(given->other);
    g_queue_push_tail(&conversation->first, words);
    if (conversation->phase != CONVERSATION_WAITING) return;
    if (all->services->up(all->link))
        conversation_put(conversation);
    else
        conversation_refused(conversation, "away");
}

static void first_said(struct conversation *conversation)
{
    assert(conversation->phase == CONVERSATION_OPEN);
    for (struct first_words *words; (words = g_queue_pop_head(&conversation->first));) {
        conversation_tell(conversation, words);
        first_words_free(words);
    }
    if (conversation->leaves) conversation_leave(conversation, "left", cause_ok);
}

void conversation_say(struct conversation *conversation, const char *id, const char *text, int64_t file)
{
    conversation_say_at(conversation, id, text, file, 0);
}

static void say_words(struct conversation *conversation, const struct first_words *words)
{
    const struct conversations *all = conversation->all;
    assert(words->id && *words->id && words->text && *words->text);
    if (conversation->phase > CONVERSATION_OPEN)
        all->way->took(conversation, words->id, 0, "not_open");
    else if (conversation->phase < CONVERSATION_OPEN)
        first_say(conversation, words);
    else if (conversation_is_full(conversation))
        all->way->took(conversation, words->id, 0, "too_many");
    else
        conversation_tell(conversation, words);
}

void conversation_say_at(struct conversation *conversation, const char *id, const char *text, int64_t file,
                         int64_t at_us)
{
    say_words(conversation,
              &(struct first_words){.id = (char *)(uintptr_t)id, .text = (char *)(uintptr_t)text, file, at_us});
}

void conversation_say_content(struct conversation *conversation, const char *id, const struct content_made *made,
                              int64_t at_us)
{
    say_words(conversation, &(struct first_words){.id = (char *)(uintptr_t)id,
                                                  .text = made->text,
                                                  .at_us = at_us,
                                                  .kind = made->kind,
                                                  .of = made->of,
                                                  .ours = made->ours,
                                                  .other = made->other,
                                                  .about = made->about});
}

void conversation_say_after(struct conversations *all, const struct conversation_after *after)
{
    struct conversation_job *job = conversation_job_new(all, KEEP_AFTER);
    struct keep_job *keep = &job->keep;
    assert(after->made->of);
    job->asker = after->asker;
    keep->role = "customer";
    keep->address = g_strdup(after->address), keep->from = g_strdup(after->name);
    keep->msg_id = g_strdup(after->id), keep->text = g_strdup(after->made->text);
    keep->kind_said = after->made->kind, keep->agents_only = content_is_aside(after->made->kind);
    keep->of = g_strdup(after->made->of), keep->ours = g_strdup(after->made->ours),
    keep->about = g_strdup(after->made->about);
    if (after->at_us > 0 && after->at_us < keep->wall_us) keep->wall_us = after->at_us;
    conversation_job_hand_on(job);
}

/* ---- the core ---- */

static void on_opened(struct conversation *conversation, uint64_t ixn)
{
    assert(conversation->phase == CONVERSATION_KEPT);
    const struct conversations *all = conversation->all;
    conversation->ixn = ixn;
    conversation->phase = CONVERSATION_OPEN;
    conversation_save(conversation);
    all->services->log(all->link, GCX_LOG_INFO, ixn, conversation->conn, "%s %s: in queue %s", all->way->noun,
                       conversation->external_id, conversation->queue);
    if (all->way->opened) all->way->opened(conversation);
    first_said(conversation);
}

/* Handles the core's answer to the submitted conversation. If the store has kept the conversation and the core has
 * not taken it, it is ended in the store, so that no open row stays there. */
void conversation_answer(void *self, const struct post_item *item, enum post_verdict verdict, const char *why,
                         uint64_t ixn)
{
    const struct conversations *all = self;
    const struct conversation_job *job = item->body;
    struct conversation *conversation = job->conversation;
    bool kept = verdict != POST_LATER_STORE && verdict != POST_NEVER_KEPT;
    assert(conversation->all == all && conversation->jobs > 0 && !conversation->over);
    conversation->jobs--;
    if (verdict == POST_TAKEN) {
        on_opened(conversation, ixn);
        return;
    }
    conversation->fault = verdict == POST_NEVER_ROUTED;
    all->services->log(all->link, GCX_LOG_ERROR, 0, conversation->conn, "%s %s: queue %s: it is not begun%s%s",
                       all->way->noun, conversation->external_id, conversation->queue, *why ? ": " : "", why);
    conversation->result = "refused";
    if (kept) conversation_give_end(conversation);
    conversation_refused(conversation, kept ? "away" : "store");
}
