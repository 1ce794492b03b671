/* runtime/adapters/sip/ua/ua.h - The user agent of SIP: it sends and receives messages (RFC 3261, sections 8, 17,
 * 18).
 *
 *     socket --> guard --> message --> transaction --> session (session.h) --> its owner
 *                             '------------ request, cancel, rest -----------> the exchange
 *
 * Messages are read by libre and written by gcx. Transactions repeat what is lost, and answer repeated messages. The
 * user agent uses other parts of gcx only through struct ua_ops, and the time only through the loop (loop.h): a test
 * gives it a network and a clock of its own. Addresses are numeric: no host name is looked up. */
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
    /* Judges a packet of UDP. Returns the message, from the buffer's position to its end; NULL: there is no message
     * to read. */
    struct mbuf *(*packet)(void *self, const struct sa *source, const uint8_t *bytes, size_t length);
    bool (*connects)(void *self, const struct sa *source); /* may a connection with that address exist? */
    bool (*known)(void *self, const struct sa *source);    /* is it the address of a trunk or a telephone? */
    /* Judges a message of a connection; it begins at `begin` in its buffer. False: the connection ends. */
    bool (*whole)(void *self, const struct sip_msg *, size_t begin);
    void (*read)(void *self, struct sip_msg *);          /* gets each message before any other function does */
    bool (*cancel)(void *self, const struct sip_msg *);  /* a CANCEL. True: it is answered */
    bool (*request)(void *self, const struct sip_msg *); /* any request. True: it is answered */
    void (*invite)(void *self, const struct sip_msg *);  /* an INVITE that begins a call */
    void (*rest)(void *self, const struct sip_msg *);    /* a request that no session and no other function has taken */
    void (*forked)(void *self, const struct sip_msg *);  /* a second 200 to one of our INVITEs */
    /* refuses a request that a session does not accept */
    void (*refuse)(void *self, const struct sip_msg *, uint16_t status, bool kept);
    /* Write the URI by which the sender of a message, or its first proxy, is reached, if the URI in the message
     * cannot be used. False: the URI in the message is used. */
    bool (*contact)(void *self, const struct sip_msg *, const struct sip_addr *, char uri[UA_URI]);
    bool (*proxy)(void *self, const struct sip_msg *, const struct sip_addr *, char uri[UA_URI]);
};

struct way { /* where a message goes */
    enum sip_transp transport;
    struct sa to;
};

/* Functions that connection.c calls: a message has come by a connection, or a connection has failed. */
struct ua_above {
    void (*take)(struct ua *, struct sip_msg *, enum sip_transp, const struct sa *source);
    void (*lost)(struct ua *, const struct way *, int error);
};

struct ua {
    const struct ua_ops *ops;
    void *self;
    const struct ua_above *above;
    struct sa at[SIP_TRANSP_TLS + 1]; /* the address to which each transport is bound */
    bool has[SIP_TRANSP_TLS + 1];
    struct datagrams *datagrams;
    struct {
        bool now; /* the message being handled has waited too long */
        uint64_t first_ms, last_ms;
    } late;
    struct evconnlistener *listeners[SIP_TRANSP_TLS + 1];
    struct ssl_ctx_st *certificate;   /* of TLS */
    struct _GHashTable *connections;  /* by peer and transport */
    struct _GHashTable *failures;     /* peers to which a connection failed lately, by transport and address */
    struct _GHashTable *requests;     /* our requests, by branch and method */
    struct served *first_served;      /* requests of others */
    struct _GHashTable *served;       /* transactions of peers' requests, by branch, sender and method */
    struct _GHashTable *merged;       /* the same transactions, by what two copies of one request have in common */
    struct _GHashTable *sessions;     /* by our tag */
    struct _GHashTable *acknowledged; /* ACKs that may have to be sent again, by our tag, the peer's tag and CSeq */
};

void ua_begin(struct ua *, const struct ua_ops *, void *self);
void ua_end(struct ua *); /* tells nobody */

/* Binds a transport to that address; a port of 0 is set to the one that the kernel chooses. Returns errno. */
int ua_bind(struct ua *, enum sip_transp, struct sa *own);
/* Sets the certificate of TLS for new connections; the file has its key, too. False: the file has no certificate,
 * and the old one stays. */
bool ua_certificate(struct ua *, const char *path);
void ua_unbind(struct ua *);
/* Has the UDP message being handled waited too long, as messages have done for a second or more? If so, more messages
 * come than can be handled. */
bool ua_behind(const struct ua *);
uint32_t ua_dropped(const struct ua *); /* UDP messages dropped by the kernel, because its buffer was full */
/* The parameter for a URI, such as ";transport=tcp"; "" for UDP. */
const char *ua_transport_param(enum sip_transp);
/* The port in the first Via, or the standard port of its transport. */
uint16_t ua_via_port(const struct sip_msg *request);

/* --- Sending --- */

/* Finds the transport and address for a URI. Returns 0 or an errno: the host must be numeric, and the transport
 * bound. */
int ua_way(const struct ua *, const char *uri, struct way *);
int ua_send(struct ua *, const struct way *, struct mbuf *message);
/* Can a message be sent there at once: by UDP, or by a connection that exists? */
bool ua_reaches(const struct ua *, const struct way *);
/* Makes 16 random characters that nobody can guess. */
void ua_word(char word[UA_WORD]);

/* --- The headers and the body of a message --- */

struct content {
    const char *headers; /* header lines, each with its end; NULL: none */
    const char *type;    /* the type of the body; NULL: there is no body */
    const char *body;
    size_t length;
};

/* The headers and a session description as the body; `description` NULL: no body. */
struct content content_of(const char *headers, const struct mbuf *description);
/* NULL: writes only Content-Length 0 and the end of the headers */
void content_print(struct mbuf *, const struct content *);

/* --- Answers --- */

/* Leaves nothing behind. */
void ua_answer_once(struct ua *, const struct sip_msg *, uint16_t status, const char *words, const struct content *);
/* Answers with a transaction: a repeated request gets the same answer. */
void ua_answer_kept(struct ua *, const struct sip_msg *, uint16_t status, const char *words, const struct content *);

/* Begins a transaction that is answered later; `cancelled` is called if a CANCEL comes before the final answer. */
struct served *served_new(struct ua *, const struct sip_msg *, void (*cancelled)(void *self), void *self);
/* Sends an answer. After a final answer the owner may not use the transaction any more. `routes`: with Record-Route,
 * so that the proxies stay in the dialog. Returns the bytes of the answer, which the caller releases by mem_deref(). */
struct mbuf *served_answer(struct served *, uint16_t status, const char *words, bool routes, const struct content *);

struct way served_way(const struct served *); /* where its answers go */

/* --- Requests --- */

/* Is called for each provisional answer, and at the end for the final answer or an error. */
typedef void request_answered(int error, const struct sip_msg *answer, void *self);

struct request_ask {
    const char *method;
    struct dialog *dialog;
    bool counts; /* Max-Forwards is `hops`; false: the usual value */
    unsigned hops;
    const char *contact;           /* URI; NULL: none */
    const char *contact_params;    /* behind it; NULL: none */
    struct proofs *proofs;         /* NULL: none */
    const struct content *content; /* NULL: none */
    request_answered *answered;    /* NULL: whatever it is */
    void *self;
};

/* Sends it and waits. Returns 0 or an errno; after an errno nobody is called back. The slot is NULL again when the
 * final answer comes. */
int request_send(struct request **slot, struct ua *, const struct request_ask *);
void request_cancel(struct request *); /* cancels an INVITE; its end is still reported */
/* Sends repetitions of the request to another address, because its peer has moved. */
void request_move(struct request *, const struct way *);
void request_let_go(struct request **); /* removes the owner: the callback is not called any more */
/* Sends the ACK of a 200, which has no transaction: it is sent again when the 200 is repeated. */
void request_acknowledge(struct ua *, const struct request_ask *, uint32_t number);
bool request_acknowledges_again(struct ua *, const struct sip_msg *answer);
/* Ends the requests that waited for a connection, because it has failed. */
void requests_way_fails(struct ua *, const struct way *, int error);

/* For ua.c; true: the message belongs to a transaction. */
bool request_takes(struct ua *, const struct sip_msg *answer);
bool served_takes(struct ua *, const struct sip_msg *request);
void requests_end(struct ua *);
void served_end(struct ua *);
