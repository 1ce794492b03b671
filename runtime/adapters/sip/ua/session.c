/* runtime/adapters/sip/ua/session.c - Sessions: offers and answers, and ACK, CANCEL and BYE until both sides know of
 * the end.
 *
 *     blank --- our INVITE ----> 200 --> established --- BYE of either side ---> finishing --> done
 *       '------ their INVITE --> 200 --> (ACK) established
 *                                  '-- no ACK for 64 T1: taken for established, then BYE
 *
 *     ops NULL      the owner hears no more
 *     owned         the owner still has a pointer, and ends it by session_leave()
 *     done          nothing is owed to the peer any more
 *     busy          callbacks on the stack: the session must not be freed under them
 *
 * The session is freed when it is done, not owned and not busy. So an owner may leave a session within any callback,
 * and the session still sends its CANCEL, ACK or BYE. At most one offer is open at a time (RFC 3264, 4): ours waits
 * in `offer` while another offer is open. */
#include "runtime/adapters/sip/ua/session.h"

#include <assert.h>
#include <errno.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/adapters/sip/ua/proof.h"
#include "base/memory.h"

enum {
    SESSION_ACK_MS = 64 * SIP_T1,
    SESSION_UNHEARD_MS = 64 * SIP_T1,
    SESSION_ELSEWHERE_MS = 1500,
    SESSION_GLARE_OURS_MS = 3000,
    SESSION_GLARE_THEIRS_MS = 1000
};

/* A 200 that waits for its ACK. */
struct session_said {
    struct session *session;
    uint32_t number; /* CSeq */
    struct way way;
    struct mbuf *bytes;
    bool offers; /* the 200 has our offer: its ACK has the peer's answer */
    unsigned repeats;
    struct alarm ends, repeat;
    struct session_said *next;
};

struct session {
    struct ua *ua;
    struct dialog *dialog;
    const struct session_ops *ops; /* NULL: no owner is told of anything any more */
    void *self;
    char *contact, *headers;
    char *peer;              /* the name of the peer; NULL: not set */
    struct served *invite;   /* the peer's INVITE that is not answered; NULL: none */
    bool describes;          /* the peer's last INVITE has a body */
    uint32_t number;         /* its CSeq */
    struct request *request; /* an INVITE or BYE of ours that waits for its answer */
    struct session_said *said;
    struct mbuf *offer; /* the offer in our INVITE, or in our next one */
    struct proofs proofs;
    bool counts;
    unsigned hops;
    struct alarm again; /* the time to send again: an INVITE that crossed the peer's, or a BYE without an answer */
    bool calls;         /* the first INVITE is ours */
    bool modifies;      /* `offer` waits */
    bool established;   /* the peer has an established session, which BYE must end */
    bool peer_ended, finishing, owned, done;
    bool unheard; /* BYE could not be sent: no connection to the peer */
    bool moves;
    unsigned busy; /* callbacks under way */
};

/* --- Life: a session is freed once nobody owns it, and all is sent that the peer must get --- */

static void session_let_go(struct session *);

/* Frees the session if it is finished; normally only this function does, and it is called at the end of every path. */
static void session_rest(struct session *own)
{
    if (own->busy == 0 && own->done && !own->owned) session_let_go(own);
}

static void said_free(struct session_said *own)
{
    struct session_said **at = &own->session->said;
    while (*at != own) at = &(*at)->next;
    *at = own->next;
    alarm_stop(&own->ends);
    alarm_stop(&own->repeat);
    mem_deref(own->bytes);
    free(own);
}

static void session_let_go(struct session *own)
{
    g_hash_table_remove(own->ua->sessions, own->dialog->own_tag);
    while (own->said) said_free(own->said);
    request_let_go(&own->request);
    alarm_stop(&own->again);
    dialog_free(own->dialog);
    mem_deref(own->offer);
    proofs_end(&own->proofs);
    free(own->contact);
    free(own->headers);
    free(own->peer);
    free(own);
}

static struct session *session_blank(struct ua *ua, struct dialog *dialog, const char *contact,
                                     const struct session_ops *ops, void *self)
{
    struct session *own = memory_zeroed(1, sizeof *own);
    *own = (struct session){.ua = ua, .dialog = dialog, .ops = ops, .self = self, .owned = true};
    own->contact = memory_text(contact);
    g_hash_table_insert(ua->sessions, dialog->own_tag, own);
    return own;
}

void session_peer_is(struct session *own, const char *name)
{
    free(own->peer);
    own->peer = memory_text(name);
}

struct dialog *session_dialog(const struct session *own)
{
    return own->dialog;
}

const char *session_call_id(const struct session *own)
{
    return own->dialog->call_id;
}

/* --- The end --- */

static void session_on_bye_answered(int error, const struct sip_msg *answer, void *self);
static void session_bye(struct session *own);

/* Sends BYE to the other address at which the peer may be, after no answer came from the first for a while. */
static void session_on_elsewhere(void *self)
{
    struct session *own = self;
    request_let_go(&own->request); /* drops the BYE to the old address, which is repeated there */
    (void)dialog_go_elsewhere(own->dialog);
    session_bye(own);
    session_rest(own);
}

static void session_on_unheard(void *self)
{
    struct session *own = self;
    own->done = true;
    session_rest(own);
}

/* Notes that BYE could not be sent: the peer may come back by another connection (sessions_move). */
static void session_bye_is_lost(struct session *own)
{
    own->unheard = !own->dialog->perhaps;
    alarm_set(&own->again, own->unheard ? SESSION_UNHEARD_MS : 0,
              own->unheard ? session_on_unheard : session_on_elsewhere, own);
}

/* Sends BYE, if there is a session to end. Any answer ends the session, except one that asks for a proof of the
 * password. */
static void session_bye(struct session *own)
{
    const struct request_ask ask = {.method = "BYE",
                                    .dialog = own->dialog,
                                    .proofs = &own->proofs,
                                    .answered = session_on_bye_answered,
                                    .self = own};
    own->unheard = false;
    alarm_stop(&own->again);
    own->done = !own->established || own->peer_ended;
    if (own->done) return;
    if (request_send(&own->request, own->ua, &ask) != 0)
        session_bye_is_lost(own);
    else if (own->dialog->perhaps)
        alarm_set(&own->again, SESSION_ELSEWHERE_MS, session_on_elsewhere, own);
}

static void session_on_bye_answered(int error, const struct sip_msg *answer, void *self)
{
    struct session *own = self;
    if (error == 0 && answer->scode < 200) return;
    if (error == 0 && !own->peer_ended && proofs_take(&own->proofs, answer))
        session_bye(own);
    else if (error != 0 && error != ETIMEDOUT && !own->peer_ended)
        session_bye_is_lost(own);
    else
        own->done = true;
    session_rest(own);
}

/* Sends BYE once no other request of the session waits for an answer. */
static void session_finish_on(struct session *own)
{
    if (!own->request && !own->said && !own->done && !own->unheard) session_bye(own);
}

/* Begins the end of the session: an INVITE of the peer is refused, one of ours is cancelled, and BYE waits until
 * both are finished. */
static void session_finish(struct session *own)
{
    own->finishing = true;
    own->ops = NULL;
    alarm_stop(&own->again);
    if (own->invite) mem_deref(served_answer(own->invite, 486, "Busy Here", false, NULL));
    own->invite = NULL;
    if (own->request) request_cancel(own->request);
    session_finish_on(own);
}

/* Ends the session and tells the owner, after the end has begun, so that session_leave() within closed() finds
 * nothing more to do. */
static void session_close(struct session *own, int error, const struct sip_msg *message)
{
    const struct session_ops *ops = own->ops;
    if (own->finishing) return;
    session_finish(own);
    if (ops) ops->closed(error, message, own->self);
}

void session_leave(struct session *own)
{
    if (!own) return;
    assert(own->owned);
    if (!own->finishing) session_finish(own);
    own->owned = false;
    session_rest(own);
}

/* --- Our INVITE --- */

static void session_on_invited(int error, const struct sip_msg *answer, void *self);

static struct request_ask session_ask(struct session *own, const char *method, const struct content *content)
{
    return (struct request_ask){.method = method,
                                .dialog = own->dialog,
                                .counts = own->counts,
                                .hops = own->hops,
                                .contact = own->contact,
                                .proofs = &own->proofs,
                                .content = content,
                                .answered = session_on_invited,
                                .self = own};
}

static int session_invite(struct session *own)
{
    char headers[SESSION_HEADERS] = "";
    if (own->established && own->ops && own->ops->headers) own->ops->headers(own->self, true, headers);
    const struct content content = content_of(own->established ? headers : own->headers, own->offer);
    const struct request_ask ask = session_ask(own, "INVITE", &content);
    own->modifies = false;
    return request_send(&own->request, own->ua, &ask);
}

static void session_acknowledge(struct session *own, const struct sip_msg *answer)
{
    struct request_ask ask = session_ask(own, "ACK", NULL);
    ask.counts = false;
    ask.contact = NULL;
    request_acknowledge(own->ua, &ask, answer->cseq.num);
}

/* Sends an offer that has waited; otherwise forgets the last offer. */
static void session_goes_on(struct session *own)
{
    if (own->modifies && own->ops)
        (void)session_invite(own);
    else
        own->offer = mem_deref(own->offer);
}

/* Establishes the session by the peer's 200. ACK is sent even if that answer cannot be used: otherwise the 200 would
 * be repeated. In that case BYE ends the session. */
static void session_is_up(struct session *own, const struct sip_msg *answer)
{
    bool known = dialog_establish(own->ua, own->dialog, answer);
    int error = !known ? EBADMSG : own->ops ? own->ops->answer(answer, own->self) : 0;
    session_acknowledge(own, answer);
    own->established = true;
    own->counts = false;
    if (error != 0 || !own->ops) {
        session_close(own, error, NULL);
        return;
    }
    session_goes_on(own);
    own->ops->established(answer, own->self);
}

/* Takes an answer to our first INVITE. */
static void session_is_answered(struct session *own, const struct sip_msg *answer)
{
    if (answer->scode < 200) {
        if (own->ops) own->ops->progress(answer, own->self);
    } else if (answer->scode < 300) {
        session_is_up(own, answer);
    } else if (!own->ops || !proofs_take(&own->proofs, answer) || session_invite(own) != 0) {
        session_close(own, 0, answer);
    }
}

static void session_on_again(void *self)
{
    (void)session_invite(self);
}

/* How long to wait before the INVITE is sent again, in ms; 0: it must not be. */
static uint64_t session_puts_off_ms(const struct session *own, const struct sip_msg *answer)
{
    const struct sip_hdr *after = answer->scode == 500 ? sip_msg_hdr(answer, SIP_HDR_RETRY_AFTER) : NULL;
    if (answer->scode == 491) return own->calls ? SESSION_GLARE_OURS_MS : SESSION_GLARE_THEIRS_MS;
    return after ? 1 + (uint64_t)pl_u32(&after->val) * 1000 : 0;
}

/* Takes the answer to a later INVITE of ours within the session. 408 and 481 mean that the peer does not know the
 * session any more (RFC 3261, 12.2.1.2). 491 means that both sides have sent an offer at once: both wait for
 * different times and try again. */
static void session_is_modified(struct session *own, const struct sip_msg *answer)
{
    uint64_t later_ms = session_puts_off_ms(own, answer);
    if (answer->scode < 200) return;
    if (answer->scode < 300) {
        dialog_follow(own->ua, own->dialog, answer);
        int error = own->ops ? own->ops->answer(answer, own->self) : 0;
        session_acknowledge(own, answer);
        if (error == ECONNABORTED) {
            session_close(own, error, NULL);
            return;
        }
    } else if (answer->scode == 408 || answer->scode == 481) {
        session_close(own, 0, answer);
        return;
    } else if (own->ops && proofs_take(&own->proofs, answer) && session_invite(own) == 0) {
        return;
    } else if (own->ops && later_ms > 0) {
        alarm_set(&own->again, later_ms, session_on_again, own);
        return;
    }
    session_goes_on(own);
}

static void session_on_invited(int error, const struct sip_msg *answer, void *self)
{
    struct session *own = self;
    own->busy++;
    if (error != 0)
        session_close(own, error, NULL);
    else if (own->established)
        session_is_modified(own, answer);
    else
        session_is_answered(own, answer);
    own->busy--;
    if (own->finishing) session_finish_on(own);
    session_rest(own);
}

struct session *session_call(struct ua *ua, const struct session_call *call, const struct session_ops *ops, void *self)
{
    struct dialog *dialog = dialog_new(call->to, call->to, call->name, call->from, call->route);
    struct session *own = session_blank(ua, dialog, call->contact, ops, self);
    own->calls = true;
    own->counts = call->counts;
    own->hops = call->hops;
    own->headers = memory_text(call->headers);
    own->offer = mem_ref(call->offer);
    if (call->user) proofs_begin(&own->proofs, call->user, call->password);
    if (session_invite(own) == 0) return own;
    session_let_go(own);
    return NULL;
}

/* Sends an offer; one that cannot be sent now waits, and a newer one replaces it. */
void session_modify(struct session *own, struct mbuf *offer)
{
    if (own->finishing || own->invite) return;
    mem_deref(own->offer);
    own->offer = mem_ref(offer);
    if (own->request || own->again.rings || own->said)
        own->modifies = true;
    else
        (void)session_invite(own);
}

/* --- The peer's INVITE --- */

static void session_on_cancel(void *self)
{
    struct session *own = self;
    own->busy++;
    own->peer_ended = true;
    if (own->invite) mem_deref(served_answer(own->invite, 487, "Request Terminated", false, NULL));
    own->invite = NULL;
    session_close(own, ECONNRESET, NULL);
    own->busy--;
    session_rest(own);
}

static void session_takes_invite(struct session *own, const struct sip_msg *invite)
{
    own->number = invite->cseq.num;
    own->describes = mbuf_get_left(invite->mb) > 0;
}

struct session *session_accept(struct ua *ua, const struct sip_msg *invite, const char *contact,
                               const struct session_ops *ops, void *self)
{
    struct dialog *dialog = dialog_accept(ua, invite);
    if (!dialog) return NULL;
    struct session *own = session_blank(ua, dialog, contact, ops, self);
    own->invite = served_new(ua, invite, session_on_cancel, own);
    session_takes_invite(own, invite);
    return own;
}

/* The headers for an answer within the dialog: Contact and those of the owner. */
static char *session_headers(const struct session *own, bool final, const char *more)
{
    char headers[SESSION_HEADERS] = "";
    if (final && own->ops && own->ops->headers) own->ops->headers(own->self, false, headers);
    return memory_format("Contact: <%s>\r\n%s%s", own->contact, headers, more ? more : "");
}

void session_progress(struct session *own, uint16_t status, const char *words, const char *more,
                      const struct mbuf *description)
{
    if (!own->invite) return;
    char *headers = session_headers(own, false, more);
    const struct content content = content_of(headers, description);
    mem_deref(served_answer(own->invite, status, words, true, &content));
    free(headers);
}

bool session_reject(struct session *own, uint16_t status, const char *words, const char *headers)
{
    const struct content content = {.headers = headers};
    if (!own->invite) return false;
    mem_deref(served_answer(own->invite, status, words, false, &content));
    own->invite = NULL;
    return true;
}

/* --- A 200, until its ACK comes --- */

/* Sends the 200 again. The session repeats the 200 even over TCP, because a proxy on the path may use UDP (RFC 3261,
 * 13.3.1.4). */
static void said_on_repeat(void *self)
{
    struct session_said *own = self;
    uint64_t longer = (uint64_t)SIP_T1 << ++own->repeats;
    (void)ua_send(own->session->ua, &own->way, own->bytes);
    alarm_set(&own->repeat, longer > SIP_T2 ? SIP_T2 : longer, said_on_repeat, own);
}

/* Ends a session whose 200 got no ACK: it counts as established, so that BYE is sent. */
static void said_on_end(void *self)
{
    struct session_said *own = self;
    struct session *session = own->session;
    said_free(own);
    session->established = true;
    session->busy++;
    if (!session->said) session_close(session, ETIMEDOUT, NULL);
    session->busy--;
    if (session->finishing) session_finish_on(session);
    session_rest(session);
}

static void session_says(struct session *own, struct served *invite, const struct mbuf *description,
                         const struct way *way)
{
    struct session_said *said = memory_zeroed(1, sizeof *said);
    char *headers = session_headers(own, true, NULL);
    const struct content content = content_of(headers, description);
    *said = (struct session_said){.session = own,
                                  .number = own->number,
                                  .way = *way,
                                  .bytes = served_answer(invite, 200, "OK", true, &content),
                                  .offers = !own->describes && description,
                                  .next = own->said};
    own->said = said;
    alarm_set(&said->ends, SESSION_ACK_MS, said_on_end, said);
    alarm_set(&said->repeat, SIP_T1, said_on_repeat, said);
    free(headers);
}

bool session_answer(struct session *own, const struct mbuf *description)
{
    struct served *invite = own->invite;
    if (!invite) return false;
    own->invite = NULL;
    const struct way way = served_way(invite);
    session_says(own, invite, description, &way);
    return true;
}

/* --- Requests within the session --- */

/* The session to which a message belongs: it is found by our tag; Call-ID and both tags of its dialog must agree. */
static struct session *session_find(const struct ua *ua, const struct sip_msg *message)
{
    char tag[UA_WORD];
    if (pl_strcpy(message->req ? &message->to.tag : &message->from.tag, tag, sizeof tag) != 0) return NULL;
    struct session *own = g_hash_table_lookup(ua->sessions, tag);
    return own && dialog_is(own->dialog, message) ? own : NULL;
}

void *session_owner(const struct ua *ua, const struct sip_msg *message)
{
    const struct session *own = session_find(ua, message);
    return own && own->owned ? own->self : NULL;
}

static struct session *session_moves_next(const struct ua *ua)
{
    GHashTableIter each;
    gpointer found;
    g_hash_table_iter_init(&each, ua->sessions);
    while (g_hash_table_iter_next(&each, NULL, &found))
        if (((struct session *)found)->moves) return found;
    return NULL;
}

/* Sends what is open to the peer's new address: our INVITE while it rings, or the BYE that had no answer. */
static void session_moves(struct session *own, const struct way *way)
{
    own->moves = false;
    if (!own->established && own->request && !own->dialog->perhaps) request_move(own->request, way);
    if (!own->finishing || !own->established || own->said || own->done) return;
    request_let_go(&own->request);
    session_bye(own);
    session_rest(own); /* if the peer has sent BYE, too, nothing is sent */
}

/* Moves all dialogs with that peer. The dialogs are marked first and moved then, because moving may send requests and
 * free sessions, and the table must not change while it is gone through. */
void sessions_move(struct ua *ua, const char *peer, const struct sa *from, const struct way *way, bool surely)
{
    GHashTableIter each;
    gpointer found;
    g_hash_table_iter_init(&each, ua->sessions);
    while (g_hash_table_iter_next(&each, NULL, &found)) {
        struct session *own = found;
        if (own->peer && strcmp(own->peer, peer) == 0) own->moves = dialog_move(ua, own->dialog, from, way, surely);
    }
    for (struct session *own; (own = session_moves_next(ua));) session_moves(own, way);
}

/* Takes an ACK; its CSeq says to which of our 200s it belongs. If our offer was in that 200, the peer's answer is in
 * the ACK. */
static void session_on_ack(struct session *own, const struct sip_msg *ack)
{
    struct session_said *said = own->said;
    bool first = !own->established;
    while (said && said->number != ack->cseq.num) said = said->next;
    if (!said) return;
    bool offers = said->offers;
    said_free(said);
    own->established = true;
    int error = offers && own->ops ? own->ops->answer(ack, own->self) : 0;
    bool ends = error == ECONNABORTED || (first && error != 0);
    if (!ends && !own->said && own->modifies && own->ops) (void)session_invite(own);
    if (ends)
        session_close(own, error, NULL);
    else if (first && own->ops)
        own->ops->established(ack, own->self);
}

static void session_on_bye(struct session *own, const struct sip_msg *bye)
{
    ua_answer_kept(own->ua, bye, 200, "OK", NULL);
    own->peer_ended = true;
    if (own->invite) mem_deref(served_answer(own->invite, 487, "Request Terminated", false, NULL));
    own->invite = NULL;
    while (own->said) said_free(own->said);
    session_close(own, ECONNRESET, NULL);
}

static bool session_awaits_answer(const struct session *own)
{
    for (const struct session_said *said = own->said; said; said = said->next)
        if (said->offers) return true;
    return own->invite != NULL;
}

bool session_offers(const struct session *own)
{
    return own->request || session_awaits_answer(own);
}

static void session_on_offer(struct session *own, const struct sip_msg *invite)
{
    struct mbuf *answer = NULL;
    if (own->ops->offer(&answer, invite, own->self) != 0) {
        own->ua->ops->refuse(own->ua->self, invite, 488, false);
        return;
    }
    dialog_follow(own->ua, own->dialog, invite);
    session_takes_invite(own, invite);
    struct served *served = served_new(own->ua, invite, NULL, NULL);
    const struct way way = served_way(served);
    session_says(own, served, answer, &way);
    mem_deref(answer);
    own->offer = mem_deref(own->offer); /* our waiting offer is out of date now */
    own->modifies = false;
    alarm_stop(&own->again);
}

/* Takes an INVITE within the session; it is refused by 500 if an earlier INVITE still waits for our answer or its
 * ACK, and by 491 if our own offer is open (RFC 3261, 14.2). */
static void session_on_invite(struct session *own, const struct sip_msg *invite)
{
    if (!own->ops)
        own->ua->ops->refuse(own->ua->self, invite, 481, true);
    else if (session_awaits_answer(own))
        own->ua->ops->refuse(own->ua->self, invite, 500, true);
    else if (own->request)
        own->ua->ops->refuse(own->ua->self, invite, 491, true);
    else
        session_on_offer(own, invite);
}

static void session_on_ask(struct session *own, const struct sip_msg *request,
                           void (*ask)(const struct sip_msg *, void *))
{
    if (!own->ops)
        own->ua->ops->refuse(own->ua->self, request, 481, false);
    else if (!ask)
        own->ua->ops->refuse(own->ua->self, request, 501, false);
    else
        ask(request, own->self);
}

enum session_method { METHOD_INVITE, METHOD_ACK, METHOD_BYE, METHOD_INFO, METHOD_REFER, METHODS };

static enum session_method session_method(const struct sip_msg *request)
{
    static const char *const names[METHODS] = {"INVITE", "ACK", "BYE", "INFO", "REFER"};
    unsigned method = 0;
    while (method < METHODS && pl_strcmp(&request->met, names[method]) != 0) method++;
    return (enum session_method)method;
}

static void session_obeys(struct session *own, const struct sip_msg *request, enum session_method method)
{
    if (method == METHOD_ACK)
        session_on_ack(own, request);
    else if (!dialog_counts(own->dialog, request))
        own->ua->ops->refuse(own->ua->self, request, 500, method == METHOD_INVITE);
    else if (method == METHOD_INVITE)
        session_on_invite(own, request);
    else if (method == METHOD_BYE)
        session_on_bye(own, request);
    else
        session_on_ask(own, request, !own->ops ? NULL : method == METHOD_INFO ? own->ops->info : own->ops->refer);
}

/* Takes a request within a session. False: sessions do not handle this request. */
bool session_takes(struct ua *ua, const struct sip_msg *request)
{
    enum session_method method = session_method(request);
    if (method == METHODS || (!pl_isset(&request->to.tag) && (method == METHOD_INVITE || method == METHOD_REFER)))
        return false;
    struct session *own = session_find(ua, request);
    if (own) {
        own->busy++;
        session_obeys(own, request, method);
        own->busy--;
        if (own->finishing) session_finish_on(own);
        session_rest(own);
    } else if (method != METHOD_ACK) {
        ua->ops->refuse(ua->self, request, 481, method == METHOD_INVITE);
    }
    return true;
}

void sessions_end(struct ua *ua)
{
    GHashTableIter each;
    gpointer own;
    for (;;) {
        g_hash_table_iter_init(&each, ua->sessions);
        if (!g_hash_table_iter_next(&each, NULL, &own)) break;
        session_let_go(own);
    }
    g_hash_table_destroy(ua->sessions);
}
