/* runtime/adapters/sip/redirect_kept.c - INVITEs that are kept without a transaction, and their answers.
 *
 *     asked ---- answered ----> said ---- ACK ----> settled ---- T4 ----> forgotten
 *       |                         |
 *       '-- late: a session       '-- 32 s without an ACK: forgotten
 *
 * An INVITE is found by its branch, sender and Call-ID, which its ACK and CANCEL have, too. While `talk` is set the
 * INVITE is not answered yet, and the talk points to it. The queue and the table hold the same object, and the
 * queue's link is inside it, so moving it to another queue allocates nothing. */
#include "runtime/adapters/sip/redirect_kept.h"

#include <assert.h>
#include <stdlib.h>

#include "runtime/adapters/sip/leg.h"
#include "base/memory.h"

/* The name by which an INVITE is found: branch, sender and Call-ID. The ACK of an answer other than 2xx, and a
 * CANCEL, have the same branch as the INVITE (RFC 3261 sections 9.1, 17.1.1.3). */
static char *redirect_name(const struct sip_msg *message)
{
    const struct pl *branch = &message->via.branch, *by = &message->via.sentby, *id = &message->callid;
    return memory_format("%.*s %.*s %.*s", (int)branch->l, branch->p, (int)by->l, by->p, (int)id->l, id->p);
}

struct redirect_kept *redirect_find(const struct redirects *redirects, const struct sip_msg *message)
{
    if (g_hash_table_size(redirects->by_name) == 0) return NULL;
    char *name = redirect_name(message);
    struct redirect_kept *kept = g_hash_table_lookup(redirects->by_name, name);
    free(name);
    return kept;
}

void redirect_move(struct redirect_kept *kept, GQueue *from, GQueue *to)
{
    kept->at_ms = loop_ms();
    g_queue_unlink(from, &kept->link);
    g_queue_push_tail_link(to, &kept->link);
}

void redirect_forget(struct redirects *redirects, struct redirect_kept *kept, GQueue *from)
{
    assert(!kept->talk);
    g_queue_unlink(from, &kept->link);
    g_hash_table_remove(redirects->by_name, kept->name);
    mem_deref(kept->invite);
    free(kept->name);
    free(kept->headers);
    free(kept);
}

void redirect_keep(struct talk *talk, const struct sip_msg *invite)
{
    struct redirects *redirects = talk->exchange->redirects;
    struct redirect_kept *kept = memory_zeroed(1, sizeof *kept);
    kept->name = redirect_name(invite);
    kept->invite = mem_ref((void *)(uintptr_t)invite);
    kept->talk = talk;
    kept->at_ms = loop_ms();
    kept->link.data = kept;
    talk->redirecting.kept = kept;
    g_hash_table_insert(redirects->by_name, kept->name, kept);
    g_queue_push_tail_link(&redirects->asked, &kept->link);
}

/* Sends the answer of the kept INVITE, for the first time or again. */
void redirect_say(struct exchange *exchange, const struct redirect_kept *kept)
{
    assert(kept->invite && kept->status >= 300);
    ua_answer_once(&exchange->ua, kept->invite, kept->status, kept->reason,
                   &(struct content){.headers = kept->headers});
}

void redirect_answer_kept(struct talk *talk, uint16_t status, const char *reason, const char *headers)
{
    struct redirect_kept *kept = talk->redirecting.kept;
    struct redirects *redirects = talk->exchange->redirects;
    assert(kept && kept->talk == talk);
    kept->status = status;
    kept->reason = reason;
    kept->headers = memory_text(headers);
    kept->talk = NULL;
    talk->redirecting.kept = NULL;
    if (talk->caller) talk->caller->state = LEG_GONE; /* the caller has the final answer: no other may be sent */
    redirect_move(kept, &redirects->asked, &redirects->said);
    redirect_say(talk->exchange, kept);
}

bool redirect_refuse(struct talk *talk, uint16_t status, const char *reason, const char *headers)
{
    if (!talk->redirecting.kept) return false;
    redirect_answer_kept(talk, status, reason, headers);
    return true;
}

struct redirects *redirects_new(void)
{
    struct redirects *redirects = memory_zeroed(1, sizeof *redirects);
    redirects->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    return redirects;
}

void redirects_free(struct redirects *redirects)
{
    GQueue *queues[] = {&redirects->said, &redirects->settled};
    assert(!redirects->asked.head); /* the talks are gone */
    for (size_t i = 0; i < sizeof queues / sizeof *queues; i++)
        while (queues[i]->head) redirect_forget(redirects, queues[i]->head->data, queues[i]);
    g_hash_table_destroy(redirects->by_name);
    free(redirects);
}
