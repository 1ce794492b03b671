/* runtime/adapters/chat/chat.h - The plugin `chat`: sessions of customers between their connections, the contact store
 * and the core.
 *
 *     WAITING ------> KEPT ---------------> SUBMITTED ------> OPEN ----------> CLOSING ---------------> over
 *       nothing said    brought to the store  the core is asked   it has it       its end goes to the store
 *
 * A session has a token, which only its customer knows, and outlives its connection for a time. A thread keeps what is
 * said (keep.h) in the order in which it came; nothing is acknowledged to the customer, or told to the core, that is
 * not kept. The open sessions stand in a file (web/saved.h), by which the next process goes on. A session is freed when
 * it is over and the thread has brought back its last job (`jobs`). */
#ifndef CHAT_CHAT_H
#define CHAT_CHAT_H

#include <glib.h>
#include <jansson.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/outbox.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapters/chat/keep.h"
#include "runtime/adapters/chat/setting.h"
#include "runtime/store/look.h"
#include "runtime/vocabulary/message.h"
#include "runtime/web/door.h"

struct event_base;
struct evhttp_request;
struct job;
struct saved;
struct tls;
struct unended;
struct worker;

enum {
    CHAT_TOKEN = 44,  /* 32 bytes in base64, its zero included */
    DOOR_TAKEN = 4001 /* the code with which a connection ends whose chat another one has resumed */
};

enum chat_phase {
    CHAT_WAITING,   /* its customer has said nothing yet */
    CHAT_KEPT,      /* it is brought to the store */
    CHAT_SUBMITTED, /* the core has been asked */
    CHAT_OPEN,
    CHAT_CLOSING, /* its end is brought to the store */
};

struct session {
    struct chat *chat;
    char token[CHAT_TOKEN], external_id[CHAT_TOKEN];
    char *name, *subject, *queue, *email;
    enum chat_phase phase;
    int64_t interaction; /* the store's */
    int64_t told;        /* the place of the last message of which the core was told */
    int64_t shown;       /* the place of the last message that the customer was shown */
    uint64_t conn, ixn, req, begun_us;
    GQueue first;      /* what its customer has said before the core has it (first.c) */
    bool greeted;      /* its customer was told that it is there */
    bool leaves;       /* its customer has left before the core had it */
    bool restored;     /* it waits since a process before this one */
    uint64_t ticket;   /* its connection; 0: none */
    uint64_t gone_us;  /* since when there is none */
    unsigned jobs;     /* at the thread */
    GQueue unkept;     /* jobs: what agents have said and the store has not taken; it is tried again in its order */
    struct job *again; /* the first of them, at the thread; NULL: none is */
    GHashTable *files; /* the names of the files that its customer has brought, by &number; NULL: none */
    unsigned brought;  /* files, those under way included */
    uint64_t heard_us; /* when somebody wrote last, or an agent came */
    bool warned;       /* of the silence since */
    unsigned here;     /* agents */
    char *agent_name;  /* of the last one who came; "": who has left */
    bool agent;        /* one has been there */
    bool over;         /* freed when the last job is back */
    bool end_again;    /* the store has not taken the end yet */
    enum cause cause;  /* of its end */
    const char *result;
};

/* The place of the last message that is known. */
static inline int64_t session_last(const struct session *session)
{
    return MAX(session->told, session->shown);
}

struct chat {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct setting setting;
    struct store *store; /* the thread's */
    struct worker *worker;
    struct store_look look; /* the probe's */
    struct probe *probe;
    struct saved *saved; /* NULL: chats end with the process */
    struct unended *unended;
    struct tls *tls; /* NULL: none */
    struct door *door;
    struct event *tick;
    GHashTable *tokens, *conns; /* of struct session, by token, by &conn */
    GHashTable *tickets;        /* of struct session, by &ticket */
    struct outbox outbox;
    uint64_t held; /* bytes of files that are brought or fetched now */
    uint64_t requests;
    struct writer writer;
};

struct job { /* for the thread */
    struct keep_job keep;
    struct session *session;
    uint64_t ticket, ref;        /* READ: who asks; SAY: the effect, 0: the customer says it */
    struct evhttp_request *http; /* BRING, FETCH: who waits; NULL: nobody any more */
};

/* session.c: sessions and what becomes of them. */
void session_begin(struct chat *, uint64_t ticket, const char *name, const char *email, const char *subject,
                   const char *queue);
void session_resume(struct session *, uint64_t ticket, int64_t after);
void session_say(struct session *, const char *id, const char *text, int64_t file);
void session_typing(struct session *, bool on);
void chat_session_leave(struct session *, const char *result, enum cause);
void session_heard(struct session *);                                      /* somebody writes */
void session_party(struct session *, const char *type, const char *agent); /* tells its customer */
void session_close(struct session *, const char *result, enum cause);
void session_reply(struct chat *, const struct message *);
void session_late(struct session *, uint64_t now_us);
void chat_session_free(gpointer session);
void session_save(struct session *); /* it is open, or has changed */
void session_restore(void *chat, const json_t *saved);
void chat_session_put(struct session *); /* brings it to the store, and then to the core */
void session_submit(struct session *);
void session_refused(struct session *, const char *code); /* it is over before the core had it */
struct job *session_job(struct session *, enum keep);     /* for the thread; */
void session_job_give(struct job *);
void session_done(void *chat, void *job); /* what came of it */
void session_work(void *chat, void *job);
void session_dropped(void *chat, void *job);
void session_tell(struct session *, const char *json); /* to its customer */
void session_keep_sent(struct session *, const struct message *send_message);

/* first.c: what is said before the core has the chat. */
void first_say(struct session *, const char *id, const char *text, int64_t file);
void first_said(struct session *); /* the core has it: says what was held */
void first_forget(struct session *);

/* chat.c: customers' messages. */
void chat_heard(void *chat, uint64_t ticket, const char *text, size_t length);
void chat_gone(void *chat, uint64_t ticket);
void chat_error(struct chat *, uint64_t ticket, const char *code, const char *id);

/* entry.c: HTTP. */
void chat_request(void *chat, struct evhttp_request *);
void entry_headers(struct evhttp_request *, const char *type);

/* file.c: files beside the connection. */
void file_request(struct chat *, struct evhttp_request *, const char *path);
void file_done(struct job *);
void file_dropped(struct job *);
bool file_known(void *chat, const char *authorization);
json_t *file_rules(const struct chat *);                        /* what may be brought; NULL: nothing */
const char *file_name_of(const struct session *, int64_t file); /* NULL: its customer has not brought it */

/* unheld.c: chats that the contact store has open though nobody has them. NULL with the reason. */
struct unended *unheld_new(struct chat *, struct event_base *, char *why, size_t why_size);

/* core.c: events and effects. */
struct writer *chat_core_begin(struct session *, unsigned kind, uint64_t ref);
void chat_core_post(struct chat *);                                        /* what chat_core_begin() began */
void core_blob(struct writer *, unsigned field, const struct keep_part *); /* nothing where it has no bytes */
void chat_perform(void *chat, const struct message *effect);

#endif
