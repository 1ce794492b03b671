/* runtime/adapters/desk/desk.h - The plugin `desk`: agents at browsers, with the contact store and the core.
 *
 *     browser --- HTTP: api.h --- contract.h: as openapi.json says? --- keep.c, write.c (the store's thread)
 *           \---- WebSocket: said.c --- contract.h --- core.c (events), may.c (rights)
 *                                         core's effects: shown.c --> item_tell() --> all that the agent sees
 *
 * Each login has a session (login.c); the session makes HTTP requests (api.h, keep.c) and has one WebSocket
 * connection (agent.c). An agent outlives its connection for a time, with its offers and interactions; the page gets
 * all of them again when it is back. A browser's message is first checked against openapi.json (contract.h).
 *
 * The files by purpose; each file calls only files below it:
 *
 *     plugin.c  api.c  core.c             what comes: requests, effects
 *     api_session.c  api_contacts.c  api_interactions.c  api_files.c  api_calls.c       requests by their paths (api.h)
 *     api_texts.c  api_queues.c  api_pages.c                     of agents and of all
 *     api_supervise.c  api_sounds.c  api_records.c  api_quality.c  api_strategies.c     of supervisors and designers
 *     api_led.c  api_jobs.c               whom a supervisor leads; requests that the store answers
 *     said_heard.c  agent.c  shown.c      messages; connections; offers, chats, notices
 *     said_chat.c  said_move.c  said_state.c  code.c  divide.c  mail.c    what a message asks for
 *     over.c                              conversations that customers have ended
 *     phone_asks.c  asks.c                requests about the telephone; questions to colleagues
 *     phone.c  phone_told.c  phone_calls.c  record.c      the telephone: connection, events, calls, records
 *     lists.c  marks.c                    wrap-up codes and tags that supervisors change; customers' marks
 *     consoles.c  strategies.c            pages of the console: who may look; gcxvm, or a thread, is asked for them
 *     prompts.c                           what callers hear
 *     login.c  read.c  look.c  said.c     who may come; what is read; what a message may
 *     helped.c  knowledge.c  links.c  macros.c  suggestions of the helper; articles; links; several acts in one
 *     past.c  recordings.c                reports, ways of interactions; recordings
 *     editors.c                           language servers of those who write strategies
 *     core_agents.c  watch_core.c  session_voice.c       the core hears of agents, and what they look at; a token
 *     notes.c                             notes for colleagues, and whom they name
 *     remember.c  watch.c                 the file for the next process; who looks at what
 *     receipts.c  held.c                  what the customer is told to be read; mails that end with their answer
 *     agents.c  item.c  session.c  may.c  talked.c        agents, what they have, sessions, rights
 *     phone_rings.c  phone_vq.c           the agent's list of calls, and the wrap-up after one; the queue of a call
 *     looks.c                             who reads and who writes
 *     who.c                               whom an item is from
 *     phone_wire.c                        the T-Server's wire
 *     core_post.c  job.c  api_answer.c  agent_tell.c      ways out: core, store, browser
 *     keep.c  traces.c  thread.c  write.c  rings.c  acts.c  named.c  acts_shown.c   work of the store's thread
 *     prompts_kept.c                      the folder of sounds
 *     reviews.c  forms.c                  reviews of how customers were served
 *     led.c                               on whom a supervisor acts
 *
 * told.def has a row for each event and effect that the desk gets. */
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
struct console;
struct knowledge;
struct past;
struct prompts;
struct evhttp_request;
struct phone;
struct unended;
struct saved;
struct store;
struct store_shown;
struct tserver_look;
struct worker;

#define STORE_NAME "contacts" /* name of the contact store, the same as in the plugin `email` */
enum {
    SET_BY_SIZE = 384, /* a sentence: a name, what it has done, and why */
    SECRET = 44,       /* 32 random bytes in base64, with the terminating zero */
    DIGEST_TEXT = 65,  /* SHA-256 in hexadecimal, with the terminating zero */
    GONE_OVER = 4001,  /* WebSocket close codes: the session has ended; */
    GONE_TAKEN = 4002  /* the agent uses another window now */
};

struct desk_session {     /* a session of a user who has logged in */
    char id[DIGEST_TEXT]; /* the digest of the session's token, which only the browser has */
    char csrf[SECRET], name[NAME_SIZE], agent[NAME_SIZE], hash[HASH_SIZE];
    enum role role;
    char voice[TOKEN_SIZE]; /* the T-Server's token for the user; empty: there is none */
    char *password;         /* kept until the T-Server has given a token; NULL: not kept */
    uint64_t forget_us;     /* when the password is forgotten if no telephone is used */
    GHashTable *uploads;    /* a set: numbers of files that the browser has uploaded; NULL: none */
    uint64_t ends_us;
    int64_t ends_ms; /* when the session ends by the wall clock: milliseconds since 1970 */
};

struct desk_agent {
    struct desk *desk;
    char name[NAME_SIZE];
    uint64_t client;              /* number by which the core knows the agent's page */
    uint64_t ticket;              /* number of the agent's connection; 0: the agent has none */
    uint64_t gone_us;             /* since when the agent has no connection */
    bool restored;                /* from the file of the process before, and without a connection since */
    bool welcome_again;           /* the page was welcomed before the core had shown all */
    struct desk_session *session; /* the session that the connection uses */
    char place[NAME_SIZE];
    char display[NAME_SIZE];  /* the agent's name in the directory; empty: unknown or not given */
    char set_by[SET_BY_SIZE]; /* what the agent was told of who has set the present states; "": nobody has */
    json_t *states;           /* the agent's states by medium, as the core confirmed them last */
    json_t *reasons;          /* the reasons of these states, by medium; states without a reason have no entry */
    json_t *told;             /* the last message `states` that was sent */
    json_t *notices;          /* notices that the page may not have yet, as no welcome repeats them; NULL: none */
    uint32_t noticed;         /* the number of the last notice */
    GHashTable *items;        /* struct item, by &ixn */
    /* the items of e-mails that the agent has merged into others, by their numbers in the store (divide.c); NULL: none
     */
    json_t *merged;
    unsigned kept;       /* how much the store keeps now of what the core is to hear then (mail.c, said.c) */
    struct phone *phone; /* NULL: none */
    /* the telephone's DN and queue, also if an earlier process had it; empty: none */
    char dn[NAME_SIZE], queue[NAME_SIZE];
    char voice[NAME_SIZE]; /* the agent's last state at that telephone; empty: none */
    /* state and times of each answered call there, by ConnID: the page's timers go on after a restart of the desk */
    json_t *talks;
};

enum looks { LOOKS_NOT, LOOKS_READS, LOOKS_WRITES }; /* what an agent does with an interaction that is open */

struct item { /* an interaction that is offered to an agent or that the agent has */
    struct desk_agent *agent;
    uint64_t ixn, claim, until_us; /* until: the end of an offer; 0: it has no end */
    bool open, awaited;            /* awaited: the agent has accepted a preview, and waits for the interaction */
    enum claim_kind kind;          /* the agent's part in the interaction, once it is open */
    enum looks looks;
    bool seen;               /* the core has shown the item since the last resync */
    json_t *shown;           /* the item as the page gets it */
    int64_t stored;          /* number of the interaction in the contact store; 0: unknown */
    int64_t opened_us;       /* when the store was told first that the agent has it, since 1970; 0: it was not */
    uint64_t who_us;         /* when the store was asked last whom the item is from */
    uint64_t who_follows_us; /* until when the store is asked every two seconds */
    json_t *held;     /* how it is done with once its answer cannot be taken back any more (held.h); NULL: it is not */
    GList *who_place; /* the item's place in desk->who_waits; NULL: it does not wait there */
};

struct desk {
    struct gcx_link *link;
    const struct gcx_services *services;
    struct desk_setting setting;
    struct desk_contract *contract;
    struct users *users;
    struct watched_files files;
    struct tls *voice;   /* TLS settings for the T-Server; NULL: the connection is not encrypted */
    struct store *store; /* the thread's */
    GHashTable *held;    /* struct held, by &ixn (held.h) */
    json_t *vqs;         /* calls whose virtual queue the core is asked for, by token (phone_vq.c) */
    json_t *overs;       /* conversations that are over, by ixn (over.h) */
    size_t over_at;      /* the next of these for which the store is asked */
    bool over_looks;     /* it is asked */
    /* said_for(): held.c asks by it, which said.c calls itself */
    void (*says_for)(struct desk_agent *, const json_t *message, bool goes);
    bool held_shown;               /* the core has shown all that agents have since it is up */
    struct saved *saved;           /* the file of sessions; NULL: sessions end with the process */
    struct worker *worker, *guard; /* the threads for the store and for checking passwords */
    struct worker *helper;         /* asks the site's helper; NULL: there is none */
    struct worker *studio;         /* answers those who write strategies; NULL: the desk has no repository */
    struct worker *what_ifs;       /* asks gcxctl what-if for them */
    struct worker *shadows;        /* asks gcxctl shadow for them, one at a time */
    int studio_stop;               /* can be read once the desk ends: what they run ends */
    json_t *links;                 /* of the settings `links` and `frames` (links.h) */
    char *policy;                  /* Content-Security-Policy of the page, with the hosts of frames */
    struct languages *languages;   /* of the pages */
    json_t *macros;                /* of the site; NULL: there are none */
    struct knowledge *knowledge;   /* the store's thread's; NULL: there is none */
    struct past *past;             /* asks for records; NULL: there are none */
    char marks_until[40];          /* marks since then are asked for; "": those of the last day */
    char marks_refused[256];       /* why the store has refused a mark, as the log has it; "": it has refused none */
    unsigned marks_late_s;         /* since marks were looked for that the records have got late */
    unsigned marks_wait_s;         /* until the records are asked for marks again */
    bool marks_asked;
    struct prompts *prompts;      /* sounds that callers hear; NULL: the setting `prompts` is not set */
    struct past *soon;            /* simulates the next hours; NULL: the setting `admin` is not set */
    struct unended *unended;      /* calls */
    struct probe *probe;          /* checks whether the store is up; NULL: the post office of `asks` does */
    struct store_look look;       /* its */
    struct tserver_look *tserver; /* NULL: there is none */
    uint64_t
        fetches_from_us; /* 0, or not before: the T-Server has refused a password that is right here (phone_fetched) */
    struct softphone softphone;
    struct door *door;
    struct event *tick;
    struct bufferevent *admin; /* the connection to gcxvm's admin socket; NULL: none */
    GHashTable *lookings;      /* struct desk_look, by &id */
    struct console *console;   /* the pages of those who look */
    GHashTable *editors;       /* language servers, by &ticket */
    GHashTable *sessions;      /* struct desk_session, by id */
    json_t *chosen;            /* what people have chosen of the console, by person (chosen.h) */
    GHashTable *guesses;       /* log-ins that failed in this minute, by address and name */
    GHashTable *begun;         /* number of messages since `begun_us`, by agent */
    uint64_t begun_us;
    GHashTable *waiting;       /* log-ins that are being checked, by address */
    GHashTable *agents;        /* struct desk_agent, by name */
    GHashTable *tickets;       /* struct desk_agent, by &ticket */
    GHashTable *asked;         /* struct desk_request, by &req */
    GHashTable *readings;      /* struct store_reading, by &token */
    GHashTable *namings;       /* struct naming, by &token */
    GHashTable *leaving;       /* connections of telephones that are closed once their last bytes are sent */
    struct conversations asks; /* questions of agents to colleagues; its outbox has all events of this link */
    GHashTable *askings;       /* struct asking, by &token */
    char *asks_state;
    GHashTable *watches;               /* of struct desk_watch, by its key */
    GHashTable *operations, *messages; /* handlers, by name */
    char **reasons; /* reasons from the directory, ended by NULL; NULL: those of the setting are used */
    uint64_t requests, clients;
    GQueue unnamed;               /* of struct desk_job: lists whose rows the store's thread names */
    GQueue who_waits;             /* of struct item: those for which the store is to be asked whom they are from */
    unsigned who_asked, who_left; /* how many such questions the store has; how many more this second may ask */
    int64_t who_came;             /* the newest interaction of the store that the desk knows of; 0: none yet */
    bool who_comes;               /* the store is being asked what has come since */
    uint64_t who_rests_us;        /* until then it is not asked that, as it has failed */
    unsigned second;
    struct writer writer;
    char wrong[300]; /* what is wrong with the e-mail that was asked for last */
};

/* A request to the core, until it is answered. */
struct desk_request {
    uint64_t req, ticket, ixn, claim;
    json_int_t id;            /* id of the browser's message; 0: no message caused the request */
    struct desk_agent *agent; /* NULL: it is gone */
    json_t *more;             /* what `after` needs; owned */
    /* Called when the answer comes, besides the reply to the browser; not called if the core goes away before. */
    void (*after)(struct desk_request *, const struct message *reply, bool good);
    void (*then)(struct desk_request *, const struct message *reply, bool good); /* of core_state(); NULL: none */
    bool quiet;                                                                  /* `after` tells the browser */
    void *given; /* what `after` takes; freed with the request where it has not taken it. NULL: nothing */
    void (*given_free)(void *);
};

/* A job for the store's thread: `work` runs there. `done` is called in the loop's thread. */
struct desk_job;
typedef bool desk_work(struct store *, struct desk_job *);
typedef void desk_done(struct desk *, struct desk_job *);
struct desk_job {
    desk_work *work;
    desk_done *done;
    struct asker asker;
    json_t *params, *out;
    GByteArray *bytes; /* the answer, instead of `out`; or the bytes that the browser has sent */
    int64_t wall_us;
    char agent[NAME_SIZE], called[NAME_SIZE]; /* the agent who made the request; the agent's name for customers */
    uint64_t ticket;
    json_int_t id;
    uint64_t journal; /* number of the core's journal, for store_submitted() */
    bool good;
    bool lasting;              /* is written also where the desk ends before `done` */
    bool refused;              /* the customer refuses such messages: the error names the address */
    struct error error;        /* the error; if `good`: something odd in the store */
    struct post_errand errand; /* talked.c's own, or read.c's; of a search for articles: the knowledge */
};

/* agent_tell.c: messages to browsers. */
/* sends it; takes the reference; notices are kept until the page has them */
void agent_tell(struct desk_agent *, json_t *message);
void agents_tell(struct desk *, json_t *message);
void agent_notice(struct desk_agent *, const char *code, const char *text); /* sends a sentence that the page shows */
/* Sends a sentence with values: `form` is one of codes.def, `more` a sentence behind it or NULL; takes the values. */
void agent_notice_of(struct desk_agent *, const char *code, const char *form, json_t *values, const char *more);
/* Returns the sentence of the form, freed by g_free(). */
char *agent_sentence_of(const char *form, const json_t *values);
enum noted {
#define NOTED(name, form) NOTED_##name,
#include "runtime/adapters/desk/codes.def"
};
const char *agent_notice_form(enum noted); /* the form of codes.def */
void agent_notices(struct desk_agent *);   /* after a welcome, sends the notices again that the page may have missed */
/* Returns the sentence for agents that replaces a text of the T-Server or the router, which is meant for programs
 * (NULL: no text); "": there is none, and the code's sentence is enough. */
const char *agent_told(const char *text);
/* Returns the sentence that agents read for this code. NULL: agents never get this code. */
const char *agent_sentence(const char *code);
/* Sends the reply, of which there is one, to the message `id` of that connection. Takes the reference to `more`. */
void agent_reply(struct desk_agent *, uint64_t ticket, json_int_t id, const char *code, const char *text, json_t *more);

/* api_answer.c: answers to HTTP requests. */
void api_answer(struct evhttp_request *, int code, json_t *body);                       /* takes the reference */
bool api_error(struct evhttp_request *, int code, const char *error, const char *text); /* returns false */
/* Answers 400 with the sentence of the core's refusal; http may be NULL. */
void api_refused(struct evhttp_request *http, const struct message *reply);
void api_done(struct evhttp_request *); /* 204 */
void api_bytes(struct evhttp_request *, int code, const char *type, bool kept, const void *bytes, size_t length);
/* Answers CSV as the file NAME.csv. A byte order mark is put in front: without it, spreadsheets misread accents. */
void api_sheet(struct evhttp_request *, const char *name, const char *csv, size_t length);
extern const char api_policy[]; /* Content-Security-Policy */
/* Returns the policy of the frame in which a mail's HTML is shown, letter.html without and letter_pictures.html with
 * pictures from outside. NULL: the file is neither. */
const char *api_letter_policy(const char *file);

/* job.c: jobs for the store's thread. */
struct desk_job *desk_job_new(struct desk *, json_t *params); /* takes the reference */
void desk_job_give(struct desk *, struct desk_job *);
void desk_job_work(void *desk, void *job);
void desk_job_done(void *desk, void *job);
void desk_job_dropped(void *desk, void *job);
/* Does a job that is left when the process ends, unless a browser waits for it: nobody would repeat such a job. */
void desk_job_left(void *desk, void *job);

/* core_post.c: events and requests to the core. */
struct writer *desk_core_begin(struct desk *, unsigned kind);
struct desk_request *core_ask(struct desk_agent *, unsigned kind, uint64_t ixn,
                              json_int_t id); /* makes a request, and begins its event */
void desk_core_post(struct desk *);           /* posts the event that was begun */
/* posts the request's event; if the core cannot take it, the browser gets an error */
void core_send(struct desk_request *);
void desk_request_free(gpointer request);
uint64_t desk_now_us(const struct desk *);

/* receipts.c */
/* The agent has read what the customer wrote, if the page shows it and the agent may answer: tells the core, where the
 * customer is to be told. */
void receipts_read(struct item *);
void receipts_heard(struct desk *, uint64_t ixn); /* the customer has written: who looks at it has read it */

/* led.c: on whom a supervisor acts. */
bool desk_list_has(const json_t *names, const char *name);  /* NULL: an empty list */
bool desk_acts_on(const json_t *params, const char *agent); /* may the person of desk_look_led() act on the agent? */

/* may.c: rights. */
enum authority desk_role_of_session(const struct desk_session *); /* NULL is allowed */
bool desk_lets_design(const struct desk *, const char *user);     /* may the user change the strategies? */
enum claim_kind item_kind(const struct item *);                   /* NULL is allowed */
bool item_may(const struct item *, enum act);
json_t *item_rights(const struct item *); /* the names of what the agent may do with the item */
bool desk_shows_queue(const struct desk *, const char *name);
bool desk_shows_view(const struct desk *, const char *name);
bool desk_shows_workbin(const struct desk *, const char *name);

/* item.c: interactions that agents are offered or have. */
struct item *item_of(const struct desk_agent *, uint64_t ixn);
struct item *item_new(struct desk_agent *, uint64_t ixn);
void item_free(gpointer item);
json_t *item_told_json(struct item *);
void item_tell(struct item *);
void item_opens(struct item *);                   /* the agent has the item from now on */
void item_end(struct item *, const char *reason); /* removes the item; NULL: its page is told nothing */
/* the agent has accepted: the page shows the item again when the interaction comes */
void item_awaits(struct item *);
bool item_is_of(const struct item *, const char *media); /* NULL: of any medium */
/* Counts the agent's interactions of that medium (NULL: of all media), without those that the agent only observes,
 * and those that are held: their answers are sent. */
unsigned agent_has(const struct desk_agent *, const char *media);

/* looks.c: who reads and who writes. */
void looks_set(struct item *, enum looks);    /* tells all agents who have the interaction, where it is news */
void looks_tell(struct desk *, uint64_t ixn); /* tells each of them what the others do */
void looks_away(struct desk_agent *);         /* the agent's page is away: it reads nothing */

/* notes.c: notes for colleagues, in the loop and in the store's thread. */
/* Sets `tell` of the request to the agents whom it names, or whom the text names by @name. False with the reason: the
 * request names somebody who is no agent. */
bool notes_address(const struct desk *, json_t *params, const char *text, char *why, size_t why_size);
bool desk_keep_named(struct store *, struct desk_job *);        /* keeps whom `tell` names */
bool desk_keep_named_advice(struct store *, struct desk_job *); /* keeps an advice, and whom it names */
bool desk_keep_note(struct store *, struct desk_job *);
bool desk_keep_mentions(struct store *, struct desk_job *); /* answers the message `mentions` */
bool desk_keep_seen(struct store *, struct desk_job *);
void notes_mentions(struct desk *,
                    const char *agent); /* tells the agent's page what names the agent, and was not seen */
void notes_told(struct desk *, const struct desk_job *); /* a note was kept: tells who is named, and who has it */

/* agents.c: the agents. */
struct desk_agent *agent_new(struct desk *, const char *name); /* makes an agent that has no connection yet */
void agent_free(gpointer agent);
const char *agent_shown_as(const struct desk_agent *);            /* the agent's name for people */
bool agent_may_sit(const struct desk_agent *, const char *place); /* false: the agent is logged in at another place */
json_t *agent_states_json(const struct desk_agent *);             /* the message `states`, as it was sent last */

/* session.c: the data of a session. */
void desk_session_free(gpointer session);
void session_keep_password(const struct desk *, struct desk_session *, const char *password);
void session_forget_password(struct desk_session *);
void session_brought(struct desk_session *, int64_t upload);
bool session_has_brought(const struct desk_session *, int64_t upload);
json_t *session_uploads(const struct desk_session *); /* the numbers of uploaded files, some thousand at most */

/* remember.c: keeps sessions and agents' states in a file for the next process. False with the reason, which names
 * the setting. */
bool remember_open(struct desk *, char *why, size_t why_size);
void remember_session(const struct desk_session *, struct desk *);
void remember_session_over(const struct desk_session *, struct desk *);
void remember_agent(const struct desk_agent *);
void remember_agent_over(const struct desk_agent *);

/* session_voice.c: the T-Server's token belongs to the user: all sessions of the user have the last token, and a new
 * session copies it from another. */
void session_has_voice(struct desk *, struct desk_session *, const char *token);
void session_voice_from_others(struct desk *, struct desk_session *);

/* watch.c: counters and presence that pages subscribe to. */
void watch_free(gpointer watch);
bool watch_add(struct desk_agent *, enum object, const char *name, const char *whose);    /* true: the first one */
bool watch_remove(struct desk_agent *, enum object, const char *name, const char *whose); /* true: the last one */
void watch_drop(struct desk *, enum object, const char *name, const char *whose);
/* Must the core decide for each agent whether the workbin is open to that agent? The right to one's own workbin, or
 * to everybody's, need not be checked again. */
bool watch_is_checked(const struct desk_agent *, enum object, const char *whose);
/* Takes the reference. */
void watch_tell(struct desk *, enum object, const char *name, const char *whose, json_t *message);

/* watch_core.c: requests the counters and presence from the core. */
/* Asks the core once for all agents that watch the object; for a workbin of watch_is_checked(), once for each agent. */
void watch_set(struct desk_agent *, enum object, const char *name, const char *whose, bool on, json_int_t id);
void watch_register(struct desk_agent *, enum object, const char *name, const char *whose, bool on, json_int_t id);
void watch_forget(struct desk_agent *);
void watch_all(struct desk *); /* tells the core about all watches again */

/* core_agents.c: reports agents to the core. */
void core_client(struct desk_agent *, bool up);
void desk_observe(struct desk *); /* reports the agents' states to the core, in a resync */
struct state_wish {               /* a state that the agent is to have */
    enum agent_state state;
    const char *place, *reason; /* where the agent sits once the core has agreed; NULL: no reason */
    json_int_t id;              /* of the browser's message; 0: none */
    /* NULL: the core's answer is the browser's. Otherwise called after the core's answer, and answers the browser;
     * request->more has `plan`. */
    void (*then)(struct desk_request *, const struct message *reply, bool good);
    json_t *plan;    /* borrowed; NULL: none */
    uint64_t ticket; /* with `then`: the connection that is answered */
};
/* Requests the state from the core. It becomes the agent's only after the core has agreed. */
void core_state(struct desk_agent *, enum media, const struct state_wish *);

/* login.c: who may come. */
struct desk_session *session_of(struct desk *,
                                struct evhttp_request *); /* the session of the request; NULL: the request has none */
/* Sets the cookie in which the browser keeps this token for `life_s` seconds; 0: deletes it. */
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
                               struct evhttp_request *); /* why the request's origin is refused; NULL: it is allowed */

/* phone_wire.c: what telephones have. */
/* Sends the T-Server a user event about a record. Takes the reference to `data`. NULL, or why the event was not sent.
 */
const char *phone_user_event(struct desk_agent *, json_t *data, json_int_t id);
bool phone_is_there(const struct desk_agent *); /* has the agent a telephone from which they have not logged out? */
bool phone_has_call(const struct desk_agent *, const char *conn);
unsigned phone_calls(const struct desk_agent *); /* counts the agent's own calls at the telephone */
/* Puts `data` into the call's user data, and frees `data`. */
void phone_attach(struct desk_agent *, const char *conn, json_t *data);
void phone_free(struct phone *);

/* phone_rings.c: the agent's list of calls, and what is still to be said of one. */
void phone_unwrapped(struct desk *,
                     const char *agent); /* tells the agent's page of the calls that wait for a wrap-up */
/* A wrap-up was kept: tells the page, and makes the agent ready whose after-call work is done with it. */
void phone_wrapped(struct desk *, const struct desk_job *);

/* phone_calls.c, phone_told.c: what the page shows of telephone calls. */
json_t *phone_shown(const struct desk_agent *); /* the message `phone` with all calls, also if there are none */
/* Forgets which requests of the page wait for the T-Server: the next page counts its requests anew. */
void phone_page_gone(struct desk_agent *);
void phone_page_is_back(struct desk_agent *); /* sends the page the records that wait for the agent */

/* phone.c: the agent's telephone. */
void phone_leaves(struct desk_agent *); /* logs the agent out of the telephone, then closes its connection */
void desk_leaving_free(gpointer stream);
void phone_tick(struct desk_agent *);
void phone_resume(struct desk_agent *); /* logs in again at the telephone that the agent had in the process before */

/* phone_asks.c: requests of browsers to the telephone. NULL, or why the request was not sent, with the code. */
const char *phone_ask(struct desk_agent *, const json_t *message, json_int_t id, const char **code);
void phone_named(struct desk *, const struct message *reply);
/* phone_vq.c: takes an answer of the core that may be about the virtual queue of a call. */
void phone_vq_answered(struct desk *, const struct message *reply);
void phone_namings_away(struct desk *);
void phone_naming_free(gpointer naming);

/* recipients.c: returns who gets the e-mail, as lists of addresses: `to` has all of them once, `cc` those who get a
 * copy, and `bcc` those whom no other recipient sees. `names` has the names by address. NULL, with `wrong` set: one is
 * none. */
json_t *recipients_read(const json_t *message, char *wrong, size_t size);

/* mail.c: sends an e-mail, as the answer to the item if there is one. NULL, or what is wrong. */
const char *mail_send(struct desk_agent *, const struct item *, const json_t *message, json_int_t id);

/* Replaces the e-mail of the item, which the agent has, by a new version. NULL, or what is wrong. */
const char *mail_revise(struct desk_agent *, const struct item *, const json_t *message, json_int_t id);

/* Writes the reference to the text that the store has kept, as answer_body() gives it in a job's `out`. */
void mail_write_body(struct writer *, unsigned field, const json_t *kept);

/* talked.c: calls that are open in the contact store although they are over. */
struct unended *talked_new(struct desk *);

/* tserver.c: checks whether the T-Server is up. All take NULL. */
struct tserver_look *tserver_look_new(struct desk *); /* NULL: the settings name no T-Server */
void tserver_look_free(struct tserver_look *);
void tserver_look_tick(struct tserver_look *);
void tserver_look_soon(struct tserver_look *); /* checks soon, as a telephone's connection was lost */
/* Makes a stream for the T-Server at this address, which is not connected yet. */
struct bufferevent *tserver_stream(const struct desk *, const struct address *);

/* record.c: records of calling lists. */
json_t *record_shown(const json_t *event); /* the record in the event's UserData; NULL: none */
void record_told(struct desk_agent *, const json_t *event);

/* agent.c: their connections. */
void agent_connects(struct desk *, struct desk_session *, struct evhttp_request *);
void agents_all_shown(struct desk *); /* the core has shown all that agents have */
void desk_agent_gone(void *desk, uint64_t ticket);
/* agent_tell.c: the page has the notices up to this number */
void desk_agent_has(void *desk, uint64_t ticket, uint32_t number);
void agent_logs_out(
    struct desk_agent *); /* logs the agent out of all media at once: the core takes back the agent's interactions */
void agent_tick(struct desk *);

/* said_heard.c: what browsers send. */
void said_heard(void *desk, uint64_t ticket, const char *text, size_t length);
void said_handlers(GHashTable *messages);

/* core.c: effects. */
void desk_perform(void *desk, const struct message *effect);
void core_away(struct desk *); /* the core is away: ends the requests that wait for its answer */

/* shown.c: sends effects of the core to browsers. */
/* Tells the agent who has logged the agent out, and why, if nobody has told it yet. */
void shown_logged_out(struct desk_agent *, const char *by, const char *why);
void shown_invite(struct desk *, const struct message *effect);
void shown_withdraw(struct desk *, const struct message *effect);
void shown_send_message(struct desk *, const struct message *effect);
void shown_data_changed(struct desk *, const struct message *effect);
void shown_notice(struct desk *, const struct message *effect);

/* read.c: reads from the core, without its journal. If no `whose` is given, a workbin is that of the session's
 * agent. */
void read_begin(struct desk *, struct evhttp_request *, enum object, const json_t *params, const struct desk_session *,
                bool all);
/* Does the same for a view of the site, which `params` name. */
void read_view_begin(struct desk *, struct evhttp_request *, const json_t *params, const struct desk_session *,
                     bool all);
void read_answered(struct desk *, const struct message *reply);
void read_away(struct desk *); /* the core is away: answers the browsers that wait for it */
void read_tick(struct desk *); /* each second: answers those for whom the store is too slow */
void desk_reading_free(gpointer reading);

/* look.c: views and settings of supervisors. */
void look_at(struct desk *, struct evhttp_request *, const char *who, const json_t *params);
void look_why(struct desk *, struct evhttp_request *, const char *who, const json_t *params);
/* Asks gcxvm for nobody's page: `then` gets the answer, NULL: none came. Takes the reference. False: gcxvm cannot be
 * asked now, and `then` is not called. */
typedef void look_then(struct desk *, const json_t *answer);
bool look_ask(struct desk *, json_t *request, look_then *);
/* Asks gcxvm whom the person leads, then answers the browser. Where that person's reading is bounded, `params` gets
 * `within`, the agents and queues, as gcxrecords takes it. Where the person acts on some only, it gets `acts_on` and
 * `leads_groups`. */
typedef void look_led(struct desk *, struct evhttp_request *, json_t *params);
void desk_look_led(struct desk *, struct evhttp_request *, const char *who, json_t *params, look_led *);
/* Has the audit note that the person opens what was said in the interaction or call of the parameters `ixn` or `conn`;
 * then `opens` answers the browser. If it cannot be noted, nothing is opened. `why` NULL: it only asks whether the
 * person may, and nothing is noted. */
typedef void look_opens(struct desk *, struct evhttp_request *, const json_t *params);
void desk_look_opens(struct desk *, struct evhttp_request *, const char *who, const char *why, const json_t *params,
                     look_opens *);
/* Has the audit note that the person has reviewed the agent's work, which the person may do who leads the agent; then
 * `then` answers the browser. */
void desk_look_reviews(struct desk *, struct evhttp_request *, const char *who, const char *agent, const char *why,
                       json_t *params, look_opens *then);
/* Has the audit note that the person has changed a prompt, for so long, 0: until it is taken back; then, also where the
 * audit cannot have it, the browser is told that it is done. `http` NULL: the browser is gone. */
void desk_look_prompt(struct desk *, struct evhttp_request *, const char *who, const char *prompt, const char *now,
                      int64_t lasts_s, const char *why);
/* Does what `params` and `body` say, in the name of the person `who`. */
typedef void look_acts(struct desk *, struct evhttp_request *, const char *who, const json_t *params,
                       const json_t *body);
look_acts desk_look_set;         /* sets a parameter */
look_acts desk_look_change;      /* changes a setting */
look_acts desk_look_state;       /* sets the state of an agent */
look_acts desk_look_listen;      /* listens to an agent, at the telephone that `body` names */
look_acts desk_look_cancel;      /* takes a call-back off the list */
look_acts desk_look_interaction; /* moves an interaction, or changes it */
/* Gives agents skills and groups by hand, or takes that back. */
void desk_look_assign(struct desk *, struct evhttp_request *, const char *who, const json_t *body);
/* Answers with everything about the setting that `params` name. */
void desk_look_setting(struct desk *, struct evhttp_request *, const json_t *params);
/* What a change of a setting would do: `opens` gets the body, and `words`, those of gcxctl set. */
void desk_look_soon(struct desk *, struct evhttp_request *, const json_t *params, const json_t *body, look_opens *);
/* Logs the agent out: ends what the agent has at this desk. False: nobody of this name is here. */
typedef bool look_logs_out(struct desk *, const char *agent, const char *by, const char *why);
/* Logs out the agent whom `params` name; `logs_out` is called when gcxvm has answered. */
void desk_look_log_out(struct desk *, struct evhttp_request *, const char *who, const json_t *params,
                       const json_t *body, look_logs_out *logs_out);
void desk_look_running(struct desk *, struct evhttp_request *, const json_t *params); /* which rollouts, which points */
void desk_look_rollout(struct desk *, struct evhttp_request *, const char *who, const char *image, const json_t *body);
void look_tick(struct desk *);
/* lists.c: wrap-up codes and tags that supervisors change. */
void lists_tick(struct desk *);
void lists_tell(struct desk_agent *); /* tells the page of them, if there are such tables */
void look_free(gpointer looking);

/* consoles.c: the pages of the console. */
struct console *consoles_new(struct desk *);
void consoles_connects(struct desk *, struct desk_session *, struct evhttp_request *);

/* keep.c: reads of the contact store, in its thread. */
bool desk_keep_contacts(struct store *, struct desk_job *);
bool desk_keep_contact(struct store *, struct desk_job *);
bool desk_keep_history(struct store *, struct desk_job *);
bool desk_keep_search(struct store *, struct desk_job *);
bool desk_keep_said(struct store *, struct desk_job *);   /* a transcript, by medium and name */
bool desk_keep_traces(struct store *, struct desk_job *); /* sets what api_records.c asks the records by */
bool desk_keep_stored(struct store *, struct desk_job *);
bool desk_keep_interaction(struct store *, struct desk_job *);
bool desk_keep_open(struct store *, struct desk_job *);
/* Puts what a message consists of besides its text, of which message it is, and that it was taken back. */
void desk_put_content(json_t *row, struct span of, struct span about, int64_t taken_back);
bool desk_keep_transcript(struct store *, struct desk_job *);
bool desk_keep_parts(struct store *, struct desk_job *);
bool desk_keep_part(struct store *, struct desk_job *);
bool desk_keep_responses(struct store *, struct desk_job *);
bool desk_keep_response(struct store *, struct desk_job *);

/* acts_shown.c: what is closed to the agent, and what was changed; in the store's thread. */
struct desk_closed { /* contacts that are closed to the job's agent (store_closed()) */
    int64_t contacts[64];
    size_t count;
};
bool acts_closed_read(struct store *, struct desk_job *, struct desk_closed *);
bool acts_closed_has(const struct desk_closed *, int64_t contact);
/* True: the contact under this key, or the interaction's, is of the tenant, and not closed to the agent (ERROR_DENIED).
 */
bool acts_contact(struct store *, struct desk_job *, const char *key);
bool acts_interaction(struct store *, struct desk_job *, int64_t interaction);
bool acts_put(struct store *, struct desk_job *); /* adds the contact's acts, and what is open of it, to job->out */
void acts_take_standing(void *rows, const struct store_shown *); /* adds what is open to the JSON array */

/* acts.c: what agents change of contacts, and who somebody is; in the store's thread. */
bool desk_keep_edit(struct store *, struct desk_job *);
bool desk_keep_merge(struct store *, struct desk_job *);
bool desk_keep_link(struct store *, struct desk_job *);
bool desk_keep_undo(struct store *, struct desk_job *);
bool desk_keep_who(struct store *, struct desk_job *);
bool desk_keep_came(struct store *, struct desk_job *);
bool desk_keep_given_back(struct store *, struct desk_job *);
bool desk_keep_code(struct store *, struct desk_job *);

/* named.c: names of contacts beside what lists show */
bool desk_keep_names(struct store *, struct desk_job *);
/* Puts the contact's name into the row; contact 0, or one who is closed: none. */
bool named_put(struct store *, struct desk_job *, const struct desk_closed *, json_t *row, int64_t contact);

/* thread.c: a contact's messages of all media in the order of time, also read in the store's thread. */
bool desk_keep_thread(struct store *, struct desk_job *);
bool desk_keep_refuse(struct store *, struct desk_job *);
bool thread_put_refusals(struct store *, struct desk_job *); /* adds what the contact refuses to job->out */

/* write.c: writes what agents have written and done, also in the store's thread. */
bool desk_keep_upload(struct store *, struct desk_job *);
bool desk_keep_send(struct store *, struct desk_job *);       /* keeps an agent's e-mail */
bool desk_keep_wants_text(struct store *, struct desk_job *); /* may a short message go to the number */
bool desk_keep_sent(struct store *, struct desk_job *);       /* keeps the core's number for that e-mail */
bool desk_keep_revise(struct store *, struct desk_job *);     /* keeps a new version of an agent's e-mail */
bool desk_keep_advice(struct store *,
                      struct desk_job *); /* keeps messages between colleagues about an item that is no conversation */
bool desk_keep_merged(struct store *, struct desk_job *); /* keeps a merged e-mail's text with the other one */
bool desk_keep_split(struct store *, struct desk_job *);  /* keeps a part of an e-mail as one of its own */
bool desk_keep_split_off(struct store *,
                         struct desk_job *); /* sets job->out: `ixn` is a part of `whole`, or of one of `merged` */
#define DESK_SPLIT "split-"                  /* the external id of a part begins so */
bool desk_keep_agent(struct store *, struct desk_job *); /* keeps which agent has an interaction, and its end */
#define DESK_TAKEN_BACK "taken back" /* the result of an agent's e-mail that is finished without being sent */
bool desk_keep_result(struct store *, struct desk_job *); /* keeps the wrap-up code of an e-mail before its end */
bool desk_keep_call(struct store *, struct desk_job *);   /* keeps a call at an agent's telephone, or its end there */

/* rings.c: an agent's calls, wrap-ups and favourites in the store. These functions run in the store's thread. */
bool desk_keep_ring(struct store *, struct desk_job *);      /* keeps what a call has come to at the telephone */
bool desk_keep_rings_are(struct store *, struct desk_job *); /* ends the calls that are not in `conns` */
bool desk_keep_calls(struct store *, struct desk_job *);
bool desk_keep_unwrapped(struct store *, struct desk_job *); /* answers the message `wraps` */
bool desk_keep_wrapup(struct store *, struct desk_job *);
void marks_tick(struct desk *); /* marks.c: each second */
bool desk_keep_marks(struct store *, struct desk_job *);
bool desk_keep_favourites(struct store *, struct desk_job *);
bool desk_keep_favourite(struct store *, struct desk_job *);

/* reviews.c: reviews of how customers were served. These functions run in the store's thread. The parameter `folder` is
 * that of the forms. */
bool desk_keep_forms(struct store *, struct desk_job *);
bool desk_keep_draw(struct store *, struct desk_job *);  /* answers, or sets what gcxrecords draws by */
bool desk_keep_drawn(struct store *, struct desk_job *); /* keeps what it has drawn */
bool desk_keep_samples(struct store *, struct desk_job *);
bool desk_keep_sample(struct store *, struct desk_job *);
bool desk_keep_review_good(struct store *, struct desk_job *); /* can the review be kept? */
bool desk_keep_review(struct store *, struct desk_job *);      /* sets `tells` to the agent who may see it now */
bool desk_keep_reviews(struct store *, struct desk_job *);     /* the agent's own */
bool desk_keep_review_answer(struct store *, struct desk_job *);
bool desk_keep_quality_report(struct store *, struct desk_job *);

/* checked.c: the desk's part of `gcxvm --check`. */
void desk_checked(const struct gcx_look *);

/* Puts the names of a list, a line each, as `agents`, where there are several. */
void desk_put_agents(json_t *row, struct span agents);

/* Read a value of an object, or of a job's request. What is not there is 0 or an empty text; texts are borrowed. */
static inline int64_t desk_job_number(const struct desk_job *job, const char *key)
{
    return json_integer_value(json_object_get(job->params, key));
}
static inline const char *desk_text(const json_t *from, const char *key)
{
    const char *text = json_string_value(json_object_get(from, key));
    return text ? text : "";
}
static inline struct span desk_span(const json_t *from, const char *key)
{
    return span_of(desk_text(from, key));
}
static inline struct span desk_job_span(const struct desk_job *job, const char *key)
{
    return desk_span(job->params, key);
}
/* Sets the key to the text, unless the text is empty. */
static inline void desk_put_text(json_t *object, const char *key, struct span value)
{
    if (value.length > 0) json_object_set_new(object, key, json_stringn((const char *)value.bytes, value.length));
}
