/* runtime/adapters/sip/ua/session.h - A session: an INVITE, its answer, changes within the session, and its end (RFC
 * 3261, sections 13 to 15).
 *
 *     session_call():     CALLING --- 200, which is acknowledged ---> UP
 *     session_accept():   OFFERED --- session_answer(), ACK --------> UP
 *     session_leave():      CANCEL, a refusal, or BYE
 *
 * A session has one owner, who is told of events by struct session_ops until it is closed; the owner leaves it then,
 * or at any time before. Without its owner the session still sends what the peer must get: ACK and BYE for an answer
 * that comes late, and the 200 until its ACK has come. So session_leave() may be called within any callback. */
#pragma once

#include "runtime/adapters/sip/ua/dialog.h"

enum { SESSION_HEADERS = 256 };

struct session;

struct session_ops {
    /* The peer sends a new offer; the function makes the answer, which is released by mem_deref(). If the function does
     * not return 0, the offer is refused by 488. */
    int (*offer)(struct mbuf **answer, const struct sip_msg *, void *self);
    int (*answer)(const struct sip_msg *,
                  /* the peer answers our offer; not 0: a new session ends; ECONNABORTED: any session ends */
                  void *self);
    void (*progress)(const struct sip_msg *, void *self);
    void (*established)(const struct sip_msg *, void *self);
    void (*info)(const struct sip_msg *, void *self);  /* NULL: 501 */
    void (*refer)(const struct sip_msg *, void *self); /* NULL: 501 */
    void (*closed)(int error, const struct sip_msg *,
                   void *self); /* the message is the last answer; NULL: the peer has ended it, or an error */
    /* Writes the headers for a 200, or for a request within the session. NULL: there are none. */
    void (*headers)(const void *self, bool asks, char text[SESSION_HEADERS]);
};

struct session_call {
    const char *to, *name, *from; /* URIs; `name`: NULL: none */
    const char *contact;
    const char *route; /* NULL: none */
    bool counts;       /* Max-Forwards is `hops`; false: the usual value */
    unsigned hops;
    const char *headers;
    struct mbuf *offer;
    const char *user, *password; /* our name and password, if the peer asks for them; NULL: none */
};

/* Calls a peer by an INVITE; NULL: it cannot be sent. */
struct session *session_call(struct ua *, const struct session_call *, const struct session_ops *, void *self);
/* Accepts an INVITE; nothing is sent yet. NULL: the INVITE has no Contact that can be read. */
struct session *session_accept(struct ua *, const struct sip_msg *invite, const char *contact,
                               const struct session_ops *, void *self);
/* A provisional answer. */
void session_progress(struct session *, uint16_t status, const char *words, const char *headers,
                      const struct mbuf *description);
/* Sends 200. False: the INVITE is answered already. */
bool session_answer(struct session *, const struct mbuf *description);
/* Refuses the INVITE. False: the INVITE is answered already. */
bool session_reject(struct session *, uint16_t status, const char *words, const char *headers);
/* Sends a new offer of ours, once no other offer is open. */
void session_modify(struct session *, struct mbuf *offer);
/* Does an offer of ours or of the peer wait for its answer? */
bool session_offers(const struct session *);
void session_leave(struct session *); /* NULL: nothing */
struct dialog *session_dialog(const struct session *);
const char *session_call_id(const struct session *);
/* Names the session's peer. A name is needed because several peers may have the same address, behind one server. */
void session_peer_is(struct session *, const char *name);
/* Moves the dialogs with that peer to a new address (dialog.h), even those without an owner whose BYE is not
 * answered yet. */
void sessions_move(struct ua *, const char *peer, const struct sa *from, const struct way *, bool surely);
/* The owner of the session to which the message belongs; NULL: there is none any more. */
void *session_owner(const struct ua *, const struct sip_msg *);

/* Only for ua.c. True: the request belongs to a session, and has been answered. */
bool session_takes(struct ua *, const struct sip_msg *request);
void sessions_end(struct ua *);
