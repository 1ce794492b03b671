/* runtime/adapters/sip/ua/served.c - Requests of peers, and their transactions (RFC 3261, section 17.2).
 *
 * A repeated request gets the last answer again. A refusal of an INVITE is repeated until its ACK comes; a 200 is
 * repeated by its session. A second copy of a request that came by another route meanwhile is answered 482. */
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/adapters/sip/ua/message.h"
#include "base/memory.h"

enum { SERVED_MS = 64 * SIP_T1 };

enum served_state { SERVED_TRYING, SERVED_PROCEEDING, SERVED_ACCEPTED, SERVED_REFUSED, SERVED_OVER };

struct served {
    struct ua *ua;
    char *key;   /* branch, sender, method */
    char *merge; /* what two copies of one request have in common (RFC 3261, section 8.2.2.2) */
    struct sip_msg *request;
    struct way way;
    struct mbuf *bytes; /* the last answer; NULL: none was sent yet */
    enum served_state state;
    void (*cancelled)(void *self);
    void *self;
    bool invite;
    unsigned repeats;
    struct alarm ends, repeat;
    struct served *next, *previous;
};

/* The key of a transaction. Several requests may have the same branch if it is of RFC 2543, so its key has more
 * parts (RFC 3261, section 17.2.3). */
static char *served_key(const struct sip_msg *request, const char *method)
{
    static const char cookie[] = "z9hG4bK";
    const struct pl *branch = &request->via.branch, *by = &request->via.sentby, *id = &request->callid;
    bool unique = branch->l >= sizeof cookie - 1 && strncasecmp(branch->p, cookie, sizeof cookie - 1) == 0;
    if (unique)
        return memory_format("%.*s %.*s %s", (int)branch->l, branch->p, (int)by->l, by->l > 0 ? by->p : "", method);
    return memory_format("%.*s %.*s %s %.*s %u", (int)branch->l, branch->l > 0 ? branch->p : "", (int)by->l,
                         by->l > 0 ? by->p : "", method, (int)id->l, id->l > 0 ? id->p : "", request->cseq.num);
}

static char *served_merge(const struct sip_msg *request)
{
    const struct pl *id = &request->callid, *tag = &request->from.tag, *method = &request->met;
    return memory_format("%.*s %.*s %u %.*s", (int)id->l, id->l > 0 ? id->p : "", (int)tag->l, tag->l > 0 ? tag->p : "",
                         request->cseq.num, (int)method->l, method->l > 0 ? method->p : "");
}

static struct served *served_find(const struct ua *ua, const struct sip_msg *request, const char *method)
{
    char *key = served_key(request, method);
    struct served *own = g_hash_table_lookup(ua->served, key);
    free(key);
    return own;
}

static struct served *served_of(const struct ua *ua, const struct sip_msg *request)
{
    char method[32];
    if (pl_strcpy(&request->met, method, sizeof method) != 0) return NULL;
    return served_find(ua, request, method);
}

static void served_free(void *self)
{
    struct served *own = self;
    if (g_hash_table_lookup(own->ua->merged, own->merge) == own) g_hash_table_remove(own->ua->merged, own->merge);
    if (g_hash_table_lookup(own->ua->served, own->key) == own) g_hash_table_remove(own->ua->served, own->key);
    *(own->previous ? &own->previous->next : &own->ua->first_served) = own->next;
    if (own->next) own->next->previous = own->previous;
    alarm_stop(&own->ends);
    alarm_stop(&own->repeat);
    mem_deref(own->request);
    mem_deref(own->bytes);
    free(own->key);
    free(own->merge);
    free(own);
}

/* Begins a transaction; the request is kept until the transaction ends. `cancelled` is called at most once, and not
 * after the final answer. */
struct served *served_new(struct ua *ua, const struct sip_msg *request, void (*cancelled)(void *), void *self)
{
    struct served *own = memory_zeroed(1, sizeof *own);
    char method[32];
    (void)pl_strcpy(&request->met, method, sizeof method);
    *own = (struct served){.ua = ua,
                           .key = served_key(request, method),
                           .merge = served_merge(request),
                           .request = mem_ref((void *)(uintptr_t)request),
                           .way = message_way_back(ua, request),
                           .cancelled = cancelled,
                           .self = self,
                           .invite = strcmp(method, "INVITE") == 0,
                           .next = ua->first_served};
    if (own->next) own->next->previous = own;
    ua->first_served = own;
    g_hash_table_replace(ua->served, own->key, own);
    g_hash_table_replace(ua->merged, own->merge, own);
    return own;
}

static void served_say(struct served *own)
{
    /* found anew, because the request's connection may have been replaced */
    own->way = message_way_back(own->ua, own->request);
    (void)ua_send(own->ua, &own->way, own->bytes);
}

static void served_on_repeat(void *self)
{
    struct served *own = self;
    uint64_t longer = (uint64_t)SIP_T1 << ++own->repeats;
    served_say(own);
    alarm_set(&own->repeat, longer > SIP_T2 ? SIP_T2 : longer, served_on_repeat, own);
}

struct way served_way(const struct served *own)
{
    return own->way;
}

/* Notes the final answer: the transaction now belongs to itself alone. Over UDP it stays, to answer repetitions;
 * over a connection nothing is repeated, so it ends at once unless its request is an INVITE. */
static void served_settle(struct served *own, uint16_t status)
{
    bool reliable = own->request->tp != SIP_TRANSP_UDP;
    own->cancelled = NULL;
    own->state = !own->invite ? SERVED_OVER : status < 300 ? SERVED_ACCEPTED : SERVED_REFUSED;
    if (own->state == SERVED_REFUSED && !reliable) alarm_set(&own->repeat, SIP_T1, served_on_repeat, own);
    alarm_set(&own->ends, own->state == SERVED_OVER && reliable ? 0 : SERVED_MS, served_free, own);
}

/* Sends an answer, and returns its bytes, held for the caller: a session repeats its 200 with them. */
struct mbuf *served_answer(struct served *own, uint16_t status, const char *words, bool routes,
                           const struct content *content)
{
    mem_deref(own->bytes);
    own->bytes = message_answer(own->request, status, words, routes, content);
    own->state = SERVED_PROCEEDING;
    struct mbuf *bytes = mem_ref(own->bytes);
    served_say(own);
    if (status >= 200) served_settle(own, status);
    return bytes;
}

/* --- Repetitions, ACK and CANCEL of the peer --- */

static bool served_acknowledged(const struct ua *ua, const struct sip_msg *ack)
{
    struct served *own = served_find(ua, ack, "INVITE");
    if (!own || own->state == SERVED_ACCEPTED) return false; /* the session takes the ACK of a 200 */
    if (own->state == SERVED_REFUSED) {
        alarm_stop(&own->repeat);
        own->state = SERVED_OVER;
        alarm_set(&own->ends, own->request->tp == SIP_TRANSP_UDP ? SIP_T4 : 0, served_free, own);
    }
    return true;
}

static bool served_cancelled(struct ua *ua, struct sip_msg *cancel)
{
    struct served *own = served_find(ua, cancel, "INVITE");
    if (!own) return false;
    cancel->tag = own->request->tag;
    ua_answer_once(ua, cancel, 200, "OK", NULL);
    if ((own->state == SERVED_TRYING || own->state == SERVED_PROCEEDING) && own->cancelled) own->cancelled(own->self);
    return true;
}

/* Is it another copy of a request that is being served? False if that request is refused already: a proxy may then try
 * another of its numbers. */
static bool served_merges(const struct ua *ua, const struct sip_msg *request)
{
    char *merge = served_merge(request);
    const struct served *found = g_hash_table_lookup(ua->merged, merge);
    free(merge);
    return found && found->state < SERVED_REFUSED;
}

/* True: the request is a repetition, another copy, an ACK or a CANCEL for a transaction here, and is done. */
bool served_takes(struct ua *ua, const struct sip_msg *request)
{
    if (pl_strcmp(&request->met, "ACK") == 0) return served_acknowledged(ua, request);
    struct served *own = served_of(ua, request);
    if (own) {
        if (own->bytes && own->state != SERVED_ACCEPTED) served_say(own);
        return true;
    }
    if (!pl_isset(&request->to.tag) && served_merges(ua, request)) {
        ua->ops->refuse(ua->self, request, 482, false);
        return true;
    }
    return pl_strcmp(&request->met, "CANCEL") == 0 && served_cancelled(ua, (struct sip_msg *)(uintptr_t)request);
}

/* --- Answers with and without a transaction --- */

void ua_answer_once(struct ua *ua, const struct sip_msg *request, uint16_t status, const char *words,
                    const struct content *content)
{
    if (pl_strcmp(&request->met, "ACK") == 0) return;
    struct mbuf *bytes = message_answer(request, status, words, false, content);
    struct way way = message_way_back(ua, request);
    (void)ua_send(ua, &way, bytes);
    mem_deref(bytes);
}

void ua_answer_kept(struct ua *ua, const struct sip_msg *request, uint16_t status, const char *words,
                    const struct content *content)
{
    if (pl_strcmp(&request->met, "ACK") == 0) return;
    mem_deref(served_answer(served_new(ua, request, NULL, NULL), status, words, false, content));
}

void served_end(struct ua *ua)
{
    while (ua->first_served) served_free(ua->first_served);
    g_hash_table_destroy(ua->served);
    g_hash_table_destroy(ua->merged);
}
