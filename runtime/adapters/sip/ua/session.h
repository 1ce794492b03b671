/* runtime/adapters/sip/ua/session.h - A session: an INVITE, its answer, what changes within, and its end (RFC 3261,
 * sections 13 to 15).
 *
 *     session_call():     CALLING --- 200, which is acknowledged ---> UP
 *     session_accept():   OFFERED --- session_answer(), ACK --------> UP
 *     session_leave():      CANCEL, a refusal, or BYE
 *
 * A session has one owner, who hears of it by struct session_ops until it is closed, and ends it then, or at any time
 * before. The session pays without its owner what is still owed to the peer: the ACK and the BYE of an answer that
 * comes late, the 200 until its ACK has come. So session_leave() may be called within any callback. */
#pragma once

#include "runtime/adapters/sip/ua/dialog.h"

enum { SESSION_HEADERS = 256 };

struct session;

struct session_ops {
    /* The peer offers anew; the answer is the callee's, to be released by mem_deref(). Not 0: it is refused by 488. */
    int (*offer)(struct mbuf **answer, const struct sip_msg *, void *self);
    int (*answer)(const struct sip_msg *,
                  void *self); /* to our offer; not 0: a session that begins ends; ECONNABORTED: any session ends */
    void (*progress)(const struct sip_msg *, void *self);
    void (*established)(const struct sip_msg *, void *self);
    void (*info)(const struct sip_msg *, void *self);  /* NULL: 501 */
    void (*refer)(const struct sip_msg *, void *self); /* NULL: 501 */
    void (*closed)(int error, const struct sip_msg *,
                   void *self); /* by the last answer; NULL: by the peer, or an error */
    /* The headers of a 200, or of a request within the session: NULL: none. */
    void (*headers)(const void *self, bool asks, char text[SESSION_HEADERS]);
};

struct session_call {
    const char *to, *name, *from; /* URIs; `name`: NULL: none */
    const char *contact;
    const char *route; /* NULL: none */
    bool counts;       /* Max-Forwards is `hops`; else as usual */
    unsigned hops;
    const char *headers;
    struct mbuf *offer;
    const char *user, *password; /* our name and password, if the peer asks for them; NULL: none */
};

/* NULL: it cannot be sent. */
struct session *session_call(struct ua *, const struct session_call *, const struct session_ops *, void *self);
/* Takes an INVITE by a provisional answer. NULL: it has no Contact that can be read. */
struct session *session_accept(struct ua *, const struct sip_msg *invite, const char *contact,
                               const struct session_ops *, void *self);
/* A provisional answer. */
void session_progress(struct session *, uint16_t status, const char *words, const char *headers,
                      const struct mbuf *description);
/* Sends 200. False: the INVITE is answered already. */
bool session_answer(struct session *, const struct mbuf *description);
/* Refuses the INVITE. False: it is answered already. */
bool session_reject(struct session *, uint16_t status, const char *words, const char *headers);
/* Sends our new offer, once an exchange that is under way has ended. */
void session_modify(struct session *, struct mbuf *offer);
/* Does an offer, of either side, wait for its answer? */
bool session_offers(const struct session *);
void session_leave(struct session *); /* NULL: nothing */
struct dialog *session_dialog(const struct session *);
const char *session_call_id(const struct session *);
/* Names the session's peer. Several peers may have the same address, behind one server. */
void session_peer_is(struct session *, const char *name);
/* The dialogs with that peer move (dialog.h), also those that nobody owns, whose end is not answered yet. */
void sessions_move(struct ua *, const char *peer, const struct sa *from, const struct way *, bool surely);
/* The owner of the session to which the message belongs; NULL: there is none any more. */
void *session_owner(const struct ua *, const struct sip_msg *);

/* For ua.c: true: the request is of a session, and answered. */
bool session_takes(struct ua *, const struct sip_msg *request);
void sessions_end(struct ua *);
