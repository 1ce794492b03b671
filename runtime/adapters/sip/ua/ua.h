/* runtime/adapters/sip/ua/ua.h - The user agent of SIP: it sends and takes messages (RFC 3261, sections 8, 17, 18).
 *
 *     socket --> guard --> message --> transaction --> session (session.h) --> its owner
 *                             '------------ request, cancel, rest -----------> the exchange
 *
 * Messages are read by libre and printed here. Transactions repeat what is lost, and answer what comes again. The user
 * agent knows other rooms by its struct ua_ops alone, and time by the loop (loop.h): a test gives it a network and a
 * clock of its own. Addresses are numbers: no name is looked up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "runtime/adapters/sip/ua/libre.h"
#include "runtime/adapters/sip/ua/loop.h"

enum { UA_WORD = 17, UA_URI = 256 };

struct dialog;
struct proofs;
struct request;
struct served;
struct ua;

struct ua_ops {
    /* Judges a packet of UDP. Returns the message, from its position to its end; NULL: there is none to be read. */
    struct mbuf *(*packet)(void *self, const struct sa *source, const uint8_t *bytes, size_t length);
    bool (*connects)(void *self, const struct sa *source); /* may a connection of that address be there? */
    bool (*known)(void *self, const struct sa *source);    /* is it that of a trunk, or of a telephone? */
    /* Judges a message of a connection, which begins there in its bytes. False: the connection ends. */
    bool (*whole)(void *self, const struct sip_msg *, size_t begin);
    void (*read)(void *self, struct sip_msg *);          /* each message, before anything is done with it */
    bool (*cancel)(void *self, const struct sip_msg *);  /* a CANCEL. True: it is answered */
    bool (*request)(void *self, const struct sip_msg *); /* any request. True: it is answered */
    void (*invite)(void *self, const struct sip_msg *);  /* an INVITE that begins a call */
    void (*rest)(void *self, const struct sip_msg *);    /* a request that nobody has taken */
    void (*forked)(void *self, const struct sip_msg *);  /* a second 200 to one INVITE of ours */
    void (*refuse)(void *self, const struct sip_msg *, uint16_t status, bool kept); /* a request of a session */
    /* The URI by which the sender of a message is reached, if not its Contact's, or the first proxy's own.
     * False: it is reached there. */
    bool (*contact)(void *self, const struct sip_msg *, const struct sip_addr *, char uri[UA_URI]);
    bool (*proxy)(void *self, const struct sip_msg *, const struct sip_addr *, char uri[UA_URI]);
};

struct way { /* where a message goes */
    enum sip_transp transport;
    struct sa to;
};

/* The floor of connections tells those above it of a message, and of one that could not be made. */
struct ua_above {
    void (*take)(struct ua *, struct sip_msg *, enum sip_transp, const struct sa *source);
    void (*lost)(struct ua *, const struct way *, int error);
};

struct ua {
    const struct ua_ops *ops;
    void *self;
    const struct ua_above *above;
    struct sa at[SIP_TRANSP_TLS + 1]; /* where each transport is bound */
    bool has[SIP_TRANSP_TLS + 1];
    struct datagrams *datagrams;
    struct {
        bool now; /* the message that is taken has waited long */
        uint64_t first_ms, last_ms;
    } late;
    struct evconnlistener *listeners[SIP_TRANSP_TLS + 1];
    struct ssl_ctx_st *certificate;   /* of TLS */
    struct _GHashTable *connections;  /* by peer and transport */
    struct _GHashTable *failures;     /* peers that refused a connection lately, by the same key */
    struct _GHashTable *requests;     /* ours, by branch and method */
    struct served *first_served;      /* requests of others */
    struct _GHashTable *served;       /* by branch, sender and method */
    struct _GHashTable *merged;       /* the same, by what makes two of them one */
    struct _GHashTable *sessions;     /* by our tag */
    struct _GHashTable *acknowledged; /* ACKs that may have to be said again, by our tag and CSeq */
};

void ua_begin(struct ua *, const struct ua_ops *, void *self);
void ua_end(struct ua *); /* tells nobody */

/* Binds a transport at that address, whose port may be 0, and is set then. Returns errno. */
int ua_bind(struct ua *, enum sip_transp, struct sa *own);
/* Takes the certificate of TLS, with its key in the same file, for connections that begin then. False: the file has
 * none, and the one of before stays. */
bool ua_certificate(struct ua *, const char *path);
void ua_unbind(struct ua *);
/* Has the message of UDP that is taken now waited long, as those before it did? Then more comes than can be done. */
bool ua_behind(const struct ua *);
uint32_t ua_dropped(const struct ua *); /* messages of UDP that the kernel had no room for */
/* ";transport=tcp", as a URI has it; "" for UDP. */
const char *ua_transport_param(enum sip_transp);
/* The port that the first Via says, or that of its transport. */
uint16_t ua_via_port(const struct sip_msg *request);

/* --- Sending --- */

/* The way to a URI. Returns errno: its host has to be a number, and its transport bound. */
int ua_way(const struct ua *, const char *uri, struct way *);
int ua_send(struct ua *, const struct way *, struct mbuf *message);
/* Is there a connection, or is none needed? */
bool ua_reaches(const struct ua *, const struct way *);
/* 16 letters that nobody guesses. */
void ua_word(char word[UA_WORD]);

/* --- What a message says besides --- */

struct content {
    const char *headers; /* lines, each with its end; NULL: none */
    const char *type;    /* of the body; NULL: there is none */
    const char *body;
    size_t length;
};

/* The body that describes a session; `description` NULL: there is none. */
struct content content_of(const char *headers, const struct mbuf *description);
void content_print(struct mbuf *, const struct content *); /* NULL: nothing but the end of the headers */

/* --- Answers --- */

/* Leaves nothing behind. */
void ua_answer_once(struct ua *, const struct sip_msg *, uint16_t status, const char *words, const struct content *);
/* The same request again gets the same answer. */
void ua_answer_kept(struct ua *, const struct sip_msg *, uint16_t status, const char *words, const struct content *);

/* A transaction that is answered later; `cancelled` when a CANCEL comes before the end. */
struct served *served_new(struct ua *, const struct sip_msg *, void (*cancelled)(void *self), void *self);
/* Sends an answer. A final one ends the transaction for its owner. `routes`: proxies stay in the dialog. Returns the
 * answer's bytes, which the caller releases by mem_deref(). */
struct mbuf *served_answer(struct served *, uint16_t status, const char *words, bool routes, const struct content *);

struct way served_way(const struct served *); /* where its answers go */

/* --- Requests --- */

/* Each provisional answer, and at the end the final one, or an error. */
typedef void request_answered(int error, const struct sip_msg *answer, void *self);

struct request_ask {
    const char *method;
    struct dialog *dialog;
    bool counts; /* Max-Forwards is `hops`; else as usual */
    unsigned hops;
    const char *contact;           /* URI; NULL: none */
    const char *contact_params;    /* behind it; NULL: none */
    struct proofs *proofs;         /* NULL: none */
    const struct content *content; /* NULL: none */
    request_answered *answered;    /* NULL: whatever it is */
    void *self;
};

/* Sends it and waits. Returns errno, and then nobody is called back. The slot is NULL again when the last answer comes.
 */
int request_send(struct request **slot, struct ua *, const struct request_ask *);
void request_cancel(struct request *); /* an INVITE: its end is still told */
/* Its peer has moved: what it is told from now on goes there. */
void request_move(struct request *, const struct way *);
void request_let_go(struct request **); /* nobody is called back any more */
/* ACK of a 200, which has no transaction: it is said again when the 200 comes again. */
void request_acknowledge(struct ua *, const struct request_ask *, uint32_t number);
bool request_acknowledges_again(struct ua *, const struct sip_msg *answer);
/* A connection that was to be made has failed. */
void requests_way_fails(struct ua *, const struct way *, int error);

/* For ua.c: true: it is of a transaction. */
bool request_takes(struct ua *, const struct sip_msg *answer);
bool served_takes(struct ua *, const struct sip_msg *request);
void requests_end(struct ua *);
void served_end(struct ua *);
