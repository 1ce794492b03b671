/* runtime/adapters/desk/desk.h - The plugin `desk`: agents at browsers, between the contact store and the core.
 *
 *     browser --- HTTP: api.c --- contract.h: as openapi.json says? --- keep.c, write.c (the store's thread)
 *           \---- WebSocket: said.c --- contract.h --- core.c (events), may.c (rights)
 *                                         core's effects: shown.c --> item_tell() --> all that the agent sees
 *
 * Each login has a session (login.c), and with it HTTP requests (api.c, keep.c) and one WebSocket connection (agent.c).
 * An agent outlives its connection for a time, with what it was offered and has; it is told all of that again when it
 * is back. A browser's message is checked by openapi.json (contract.h) before anything else.
 *
 * The files by what they do; each calls only files below it:
 *
 *     plugin.c  api.c  core.c             what comes: requests, effects
 *     said_heard.c  agent.c  shown.c      messages; connections; offers, chats, notices
 *     said_chat.c  said_move.c  mail.c    what a message asks for
 *     phone_asks.c  asks.c                requests about the telephone; questions to colleagues
 *     phone.c  phone_told.c  phone_calls.c  record.c      the telephone: connection, events, calls, records
 *     login.c  read.c  look.c  said.c     who may come; what is read; what a message may
 *     core_agents.c  watch_core.c  session_voice.c       the core hears of agents, and what they look at; a token
 *     remember.c  watch.c                 the file for the next process; who looks at what
 *     agents.c  item.c  session.c  may.c  talked.c        agents, what they have, sessions, rights
 *     phone_wire.c                        the T-Server's wire
 *     core_post.c  job.c  api_answer.c  agent_tell.c      ways out: core, store, browser
 *     keep.c  thread.c  write.c           work of the store's thread
 *
 * told.def has a row for each event and effect that comes to the desk. */
#pragma once

#include <glib.h>
#include <jansson.h>

#include "runtime/adapter/gcx_adapter.h"
#include "runtime/adapter/probe.h"
#include "runtime/adapter/tls.h"
#include "runtime/adapter/watched.h"
#include "runtime/adapters/cti/tokens.h"
#include "runtime/adapters/cti/users.h"
#include "runtime/adapters/conversation/conversation.h"
#include "runtime/adapters/desk/contract.h"
#include "runtime/adapters/desk/setting.h"
#include "runtime/adapters/desk/softphone.h"
#include "runtime/post/office.h"
#include "runtime/store/look.h"
#include "runtime/vocabulary/authority.h"
#include "runtime/vocabulary/ident.h"
#include "runtime/vocabulary/message.h"
#include "runtime/web/door.h"
#include "runtime/web/reply.h"

enum { MS = 1000, SECOND_US = 1000000 }; /* in microseconds */

struct bufferevent;
struct evhttp_request;
struct phone;
struct unended;
struct saved;
struct store;
struct tserver_look;
struct worker;

#define STORE_NAME "contacts" /* name of the contact store, as the plugin `email` names it */
enum {
    SECRET = 44,      /* 32 random bytes in base64, with the zero */
    DIGEST_TEXT = 65, /* SHA-256 in hexadecimal, with the zero */
    GONE_OVER = 4001, /* close codes: the session has ended; */
    GONE_TAKEN = 4002 /* the agent went on in another window */
};

struct desk_session {     /* a session of a user who has logged in */
    char id[DIGEST_TEXT]; /* the digest of its token, which only the browser has */
    char csrf[SECRET], name[NAME_SIZE], agent[NAME_SIZE], hash[HASH_SIZE];
    enum role role;
    char voice[TOKEN_SIZE]; /* the T-Server's token for the user; empty: none */
    char *password;         /* the password, kept until the T-Server has given a token; NULL: none */
    uint64_t forget_us;     /* when the password is forgotten if no telephone is used */
    GHashTable *uploads;    /* a set: the numbers of the files that the browser has uploaded; NULL: none yet */
    uint64_t ends_us;
    int64_t ends_ms; /* the same moment for people: milliseconds since 1970 */
};

struct desk_agent {
    struct desk *desk;
    char name[NAME_SIZE];
    uint64_t client;              /* the agent's number in requests to the core */
    uint64_t ticket;              /* number of the agent's connection; 0: none */
    uint64_t gone_us;             /* since when there is no connection */
    struct desk_session *session; /* the session of the connection */
    char place[NAME_SIZE];
    char display[NAME_SIZE]; /* as the directory calls the agent; empty: not known, or not at all */
    json_t *states;          /* the agent's states by medium, as the core told last */
    json_t *reasons;         /* the reasons of these states, by medium; none for a state without a reason */
    json_t *told;            /* the last message `states`, whole */
    json_t *notices;         /* notices, which no welcome repeats, until the page has them; NULL: none yet */
    uint32_t noticed;        /* the number of the last notice */
    GHashTable *items;       /* struct item, by &ixn */
    struct phone *phone;     /* NULL: none */
    char dn[NAME_SIZE], queue[NAME_SIZE]; /* the telephone's, also if the process before had it; empty: none */
    char voice[NAME_SIZE];                /* the agent's last state at that telephone; empty: none */
};

struct item { /* an interaction that an agent is offered or has */
    struct desk_agent *agent;
    uint64_t ixn, claim, until_us; /* until: the end of an offer; 0: it has none */
    bool open, awaited;            /* awaited: the agent has said yes to a preview, and it has not come yet */
    enum claim_kind kind;          /* what the agent is to it, once they have it */
    bool seen;                     /* the core has shown it since the last resync */
    json_t *shown;                 /* the item as the page is told it */
    int64_t stored;                /* its number in the contact store; 0: not known */
};

struct desk {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct desk_setting setting;
    struct desk_contract *contract;
    struct users *users;
    struct watched_files files;
    struct tls *voice;             /* TLS towards the T-Server; NULL: without TLS */
    struct store *store;           /* the thread's */
    struct saved *saved;           /* the file of sessions; NULL: they end with the process */
    struct worker *worker, *guard; /* for the store, for passwords */
    struct unended *unended;       /* calls */
    struct probe *probe;           /* looks whether the store is there; NULL: the office of `asks` looks */
    struct store_look look;        /* its */
    struct tserver_look *tserver;  /* NULL: there is none */
    struct softphone softphone;
    struct door *door;
    struct event *tick;
    struct bufferevent *admin; /* the connection to gcxvm's admin socket; NULL: none */
    GHashTable *lookings;      /* struct desk_look, by &id */
    GHashTable *sessions;      /* struct desk_session, by id */
    GHashTable *guesses;       /* log-ins that failed in this minute: by address and name */
    GHashTable *begun;         /* messages that agents have begun since `begun_us`: by agent */
    uint64_t begun_us;
    GHashTable *waiting;       /* log-ins that are being checked: by address */
    GHashTable *agents;        /* struct desk_agent, by name */
    GHashTable *tickets;       /* struct desk_agent, by &ticket */
    GHashTable *asked;         /* struct desk_request, by &req */
    GHashTable *readings;      /* struct store_reading, by &token */
    GHashTable *namings;       /* struct naming, by &token */
    GHashTable *leaving;       /* connections of telephones whose last words are still to be sent */
    struct conversations asks; /* what agents ask colleagues; its outbox has all that this link says */
    GHashTable *askings;       /* struct asking, by &token */
    char *asks_state;
    GHashTable *watches;               /* struct desk_watch, by its key */
    GHashTable *operations, *messages; /* handlers, by name */
    char **reasons; /* the directory's reasons, NULL at the end; NULL: it has none, and those of the setting hold */
    uint64_t requests, clients;
    unsigned second;
    struct writer writer;
};

/* A request to the core, until it is answered. */
struct desk_request {
    uint64_t req, ticket, ixn, claim;
    json_int_t id;            /* id of the browser's message; 0: the browser asked nothing */
    struct desk_agent *agent; /* NULL: it is gone */
    json_t *more;             /* what `after` needs; owned */
    /* The function that is called when the answer comes, besides telling it; it is not called where the core goes away
     * before. */
    void (*after)(struct desk_request *, const struct message *reply, bool good);
    bool quiet; /* `after` tells the browser */
};

/* A job for the store's thread. The call happens in the loop's thread. */
struct desk_job {
    bool (*work)(struct store *, struct desk_job *);
    void (*done)(struct desk *, struct desk_job *);
    struct asker asker;
    json_t *params, *out;
    GByteArray *bytes; /* the answer, instead of `out`; or the bytes that the browser sent */
    int64_t wall_us;
    char agent[NAME_SIZE], called[NAME_SIZE]; /* the agent who asks; the agent's name as customers read it */
    uint64_t ticket;
    json_int_t id;
    uint64_t journal; /* number of the core's journal, as store_submitted() wants it */
    bool good;
    bool refused;              /* the customer wants no such message: the error says whose address it is */
    struct error error;        /* the error; if `good`, what the store has found odd */
    struct post_errand errand; /* talked.c's own */
};

/* agent_tell.c: what browsers are told. */
void agent_tell(struct desk_agent *, json_t *message); /* takes the reference; notices wait until the page has them */
void agents_tell(struct desk *, json_t *message);
void agent_notice(struct desk_agent *, const char *code, const char *text); /* a sentence that the page shows */
void agent_notices(struct desk_agent *); /* behind a welcome: says what the page may have missed */
/* Returns what the agent is told in place of a text of the T-Server or the router in words for programs (NULL: no
 * text); "": the code's sentence is enough. */
const char *agent_told(const char *text);
/* The one answer to the message `id` of that connection. Takes the reference to `more`. */
void agent_reply(struct desk_agent *, uint64_t ticket, json_int_t id, const char *code, const char *text, json_t *more);

/* api_answer.c: answers to HTTP requests. */
void api_answer(struct evhttp_request *, int code, json_t *body);                       /* takes the reference */
bool api_error(struct evhttp_request *, int code, const char *error, const char *text); /* false */
void api_done(struct evhttp_request *);                                                 /* 204 */
void api_bytes(struct evhttp_request *, int code, const char *type, bool kept, const void *bytes, size_t length);
extern const char api_policy[]; /* Content-Security-Policy */

/* job.c: jobs for the store's thread. */
struct desk_job *desk_job_new(struct desk *, json_t *params); /* takes the reference */
void desk_job_give(struct desk *, struct desk_job *);
void desk_job_work(void *desk, void *job);
void desk_job_done(void *desk, void *job);
void desk_job_dropped(void *desk, void *job);
/* Does a job that is left when the process ends, if nobody waits for its answer: the core has its matter already. */
void desk_job_left(void *desk, void *job);

/* core_post.c: events and requests to the core. */
struct writer *desk_core_begin(struct desk *, unsigned kind);
struct desk_request *core_ask(struct desk_agent *, unsigned kind, uint64_t ixn,
                              json_int_t id); /* makes a request, and begins its event */
void desk_core_post(struct desk *);           /* posts the event that was begun */
void core_send(struct desk_request *); /* posts the request's event; if no core would take it, the browser is told */
void desk_request_free(gpointer request);
uint64_t desk_now_us(const struct desk *);

/* may.c: who may do what. */
enum authority desk_role_of_session(const struct desk_session *); /* NULL is allowed */
enum claim_kind item_kind(const struct item *);                   /* NULL is allowed */
bool item_may(const struct item *, enum act);
json_t *item_rights(const struct item *); /* the words of what the agent may do with it */
bool desk_shows_queue(const struct desk *, const char *name);
bool desk_shows_workbin(const struct desk *, const char *name);

/* item.c: what agents are offered and have. */
struct item *item_of(const struct desk_agent *, uint64_t ixn);
struct item *item_new(struct desk_agent *, uint64_t ixn);
void item_free(gpointer item);
json_t *item_told_json(struct item *);
void item_tell(struct item *);
void item_opens(struct item *);                   /* the agent has the item from now on */
void item_end(struct item *, const char *reason); /* the item is no more */
void item_awaits(struct item *);                  /* the agent has said yes: the page shows it again when it has come */
/* Counts the agent's interactions of that medium (NULL: of all media), without those that the agent only looks on
 * at. */
unsigned agent_has(const struct desk_agent *, const char *media);

/* agents.c: the agents. */
struct desk_agent *agent_new(struct desk *, const char *name); /* makes an agent that has no connection yet */
void agent_free(gpointer agent);
const char *agent_shown_as(const struct desk_agent *);            /* the agent's name as people read it */
bool agent_may_sit(const struct desk_agent *, const char *place); /* false: the agent is logged in at another one */
json_t *agent_states_json(const struct desk_agent *);             /* the message `states`, as it was told last */

/* session.c: what a session keeps. */
void desk_session_free(gpointer session);
void session_keep_password(const struct desk *, struct desk_session *, const char *password);
void session_forget_password(struct desk_session *);
void session_brought(struct desk_session *, int64_t upload);
bool session_has_brought(const struct desk_session *, int64_t upload);
json_t *session_uploads(const struct desk_session *); /* their numbers, some thousand at most */

/* remember.c: sessions and agents' states in a file, for the next process. False with the reason, of the setting. */
bool remember_open(struct desk *, char *why, size_t why_size);
void remember_session(const struct desk_session *, struct desk *);
void remember_session_over(const struct desk_session *, struct desk *);
void remember_agent(const struct desk_agent *);
void remember_agent_over(const struct desk_agent *);

/* session_voice.c: the T-Server's token belongs to the user: all their sessions have the last token, and a new session
 * takes it from another. */
void session_has_voice(struct desk *, struct desk_session *, const char *token);
void session_voice_from_others(struct desk *, struct desk_session *);

/* watch.c: counts and presence that browsers look at. */
void watch_free(gpointer watch);
bool watch_add(struct desk_agent *, enum object, const char *name, const char *whose);    /* true: the first one */
bool watch_remove(struct desk_agent *, enum object, const char *name, const char *whose); /* true: the last one */
void watch_drop(struct desk *, enum object, const char *name, const char *whose);
/* Does the core decide for each agent whether the workbin is open to them? The right to one's own workbin, or to
 * everybody's, need not be asked again. */
bool watch_is_checked(const struct desk_agent *, enum object, const char *whose);
/* Takes the reference. */
void watch_tell(struct desk *, enum object, const char *name, const char *whose, json_t *message);

/* watch_core.c: the core is asked for them. */
/* Asks the core once for all agents that look at the object; for a workbin of watch_is_checked(), once for each
 * agent. */
void watch_set(struct desk_agent *, enum object, const char *name, const char *whose, bool on, json_int_t id);
void watch_register(struct desk_agent *, enum object, const char *name, const char *whose, bool on, json_int_t id);
void watch_forget(struct desk_agent *);
void watch_all(struct desk *); /* tells the core anew */

/* core_agents.c: the core is told of agents. */
void core_client(struct desk_agent *, bool up);
void desk_observe(struct desk *); /* tells the core the agents' states, in a resync */
/* `place`: where the agent sits once the core has agreed. */
void core_state(struct desk_agent *, enum media, enum agent_state, const char *place, const char *reason,
                json_int_t id);

/* login.c: who may come. */
struct desk_session *session_of(struct desk *,
                                struct evhttp_request *); /* the session of the request; NULL: it has none */
/* Sets the cookie by which the browser keeps this token for `life_s`; 0: takes it away. */
void session_cookie(struct desk *, struct evhttp_request *, const char *token, uint64_t life_s);
bool session_known(void *desk, const char *cookies);
void login_begin(struct desk *, struct evhttp_request *, const json_t *body);
void login_work(void *desk, void *login);
void login_done(void *desk, void *login);
void login_dropped(void *desk, void *login);
void session_end(struct desk *, struct desk_session *);
json_t *session_shown(struct desk *, const struct desk_session *);
void login_tick(struct desk *);
watched_again login_users_again;
const char *login_origin_wrong(const struct desk *,
                               struct evhttp_request *); /* why the request's origin is refused; NULL: it is ours */

/* phone_wire.c: what telephones have. */
/* Tells the T-Server something about a record. Takes the reference to `data`. NULL, or why it is not told. */
const char *phone_user_event(struct desk_agent *, json_t *data, json_int_t id);
bool phone_is_there(const struct desk_agent *); /* does the agent have a telephone, and has not logged out of it? */
bool phone_has_call(const struct desk_agent *, const char *conn);
/* Puts `data` into the call's user data, and frees `data`. */
void phone_attach(struct desk_agent *, const char *conn, json_t *data);
void phone_free(struct phone *);

/* phone_calls.c, phone_told.c: what is shown of them. */
json_t *phone_shown(const struct desk_agent *);  /* the message `phone`: all that there is, also where there is none */
void phone_page_is_back(struct desk_agent *);    /* tells the page the records that wait for the agent */
unsigned phone_calls(const struct desk_agent *); /* counts the agent's own calls at the telephone */

/* phone.c: the telephone beside the desk. */
void phone_leaves(struct desk_agent *); /* logs the agent out of the telephone, with the last words of the connection */
void desk_leaving_free(gpointer stream);
void phone_tick(struct desk_agent *);
void phone_resume(struct desk_agent *); /* logs in again at the telephone that the process before had for the agent */

/* phone_asks.c: what browsers ask of it. NULL, or why it is not asked, with the code. */
const char *phone_ask(struct desk_agent *, const json_t *message, json_int_t id, const char **code);
void phone_named(struct desk *, const struct message *reply);
void phone_namings_away(struct desk *);
void phone_naming_free(gpointer naming);

/* mail.c: sends an e-mail, which answers the item where there is one. NULL, or what is wrong. */
const char *mail_send(struct desk_agent *, const struct item *, const json_t *message, json_int_t id);

/* The agent, who has the item, writes its e-mail anew. NULL, or what is wrong. */
const char *mail_revise(struct desk_agent *, const struct item *, const json_t *message, json_int_t id);

/* talked.c: calls that the contact store has open though they are over. */
struct unended *talked_new(struct desk *);

/* tserver.c: is the T-Server there? All take NULL. */
struct tserver_look *tserver_look_new(struct desk *); /* NULL: no T-Server is set */
void tserver_look_free(struct tserver_look *);
void tserver_look_tick(struct tserver_look *);
void tserver_look_soon(struct tserver_look *); /* a telephone's connection was lost */
/* Makes a stream to the T-Server at this address, not connected yet. */
struct bufferevent *tserver_stream(const struct desk *, const struct address *);

/* record.c: records of calling lists. */
json_t *record_shown(const json_t *event); /* the record that the event's UserData shows; NULL: none */
void record_told(struct desk_agent *, const json_t *event);

/* agent.c: their connections. */
void agent_connects(struct desk *, struct desk_session *, struct evhttp_request *);
void desk_agent_gone(void *desk, uint64_t ticket);
void desk_agent_has(void *desk, uint64_t ticket, uint32_t number); /* agent_tell.c: its page has the notices so far */
void agent_logs_out(
    struct desk_agent *); /* logs the agent out of all media at once: the core takes back what the agent had */
void agent_tick(struct desk *);

/* said_heard.c: what browsers send. */
void said_heard(void *desk, uint64_t ticket, const char *text, size_t length);
void said_handlers(GHashTable *messages);

/* api.c: HTTP. */
void api_request(void *desk, struct evhttp_request *);
void api_handlers(GHashTable *operations);

/* core.c: effects. */
void desk_perform(void *desk, const struct message *effect);
void core_away(struct desk *); /* the core is gone: what it was asked gets no answer */

/* shown.c: what the core says, told to browsers. */
void shown_invite(struct desk *, const struct message *effect);
void shown_withdraw(struct desk *, const struct message *effect);
void shown_send_message(struct desk *, const struct message *effect);
void shown_data_changed(struct desk *, const struct message *effect);
void shown_notice(struct desk *, const struct message *effect);

/* read.c: what the core is asked outside the journal. A workbin is the session's agent's where no `whose` is said. */
void read_begin(struct desk *, struct evhttp_request *, enum object, const json_t *params, const struct desk_session *);
void read_answered(struct desk *, const struct message *reply);
void read_away(struct desk *); /* the core is gone: answers the browsers that wait for it */
void desk_reading_free(gpointer reading);

/* look.c: what supervisors look at and set. */
void look_at(struct desk *, struct evhttp_request *, const char *what);
void desk_look_set(struct desk *, struct evhttp_request *, const char *who, const json_t *params, const json_t *body);
void look_tick(struct desk *);
void look_free(gpointer looking);

/* keep.c: what is done with the store. */
bool desk_keep_contacts(struct store *, struct desk_job *);
bool desk_keep_contact(struct store *, struct desk_job *);
bool desk_keep_history(struct store *, struct desk_job *);
bool desk_keep_search(struct store *, struct desk_job *);
bool desk_keep_stored(struct store *, struct desk_job *);
bool desk_keep_interaction(struct store *, struct desk_job *);
bool desk_keep_transcript(struct store *, struct desk_job *);
bool desk_keep_parts(struct store *, struct desk_job *);
bool desk_keep_part(struct store *, struct desk_job *);
bool desk_keep_responses(struct store *, struct desk_job *);
bool desk_keep_response(struct store *, struct desk_job *);

/* thread.c: likewise, a contact's messages of all media in one line of time. */
bool desk_keep_thread(struct store *, struct desk_job *);
bool desk_keep_refuse(struct store *, struct desk_job *);
bool thread_put_refusals(struct store *, struct desk_job *); /* puts what the contact wants no more into job->out */

/* write.c: likewise, what agents write and do. */
bool desk_keep_upload(struct store *, struct desk_job *);
bool desk_keep_send(struct store *, struct desk_job *);   /* keeps an e-mail of ours */
bool desk_keep_sent(struct store *, struct desk_job *);   /* keeps the core's number of that e-mail */
bool desk_keep_revise(struct store *, struct desk_job *); /* keeps another version of an e-mail of ours */
bool desk_keep_advice(
    struct store *,
    struct desk_job *); /* keeps what colleagues say to each other about an item that is no conversation */
bool desk_keep_agent(struct store *, struct desk_job *); /* keeps who handles an interaction, and its end */
bool desk_keep_call(struct store *, struct desk_job *);  /* keeps a call at an agent's telephone, or its end there */

/* checked.c: the look for `gcxvm --check`. */
void desk_checked(const struct gcx_look *);

/* Sets the key to the text, unless the text is empty. */
static inline void desk_put_text(json_t *object, const char *key, struct span value)
{
    if (value.length > 0) json_object_set_new(object, key, json_stringn((const char *)value.bytes, value.length));
}
