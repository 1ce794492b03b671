/* runtime/adapters/desk/phone.h - The telephone of an agent at a desk, for the files that it is divided into. */
#pragma once

#include "runtime/adapters/desk/asks.h"

struct bufferevent;
struct resolver;

struct phone {
    struct desk_agent *agent;
    struct resolver *resolver;
    struct bufferevent *stream; /* NULL: none */
    bool ready;                 /* the T-Server may be asked */
    unsigned wait_s;            /* seconds until the next attempt to connect; 0: one is under way */
    char dn[NAME_SIZE], queue[NAME_SIZE], state[NAME_SIZE];
    char reason[NAME_SIZE];  /* the reason of that state; "": none was told */
    char there[NAME_SIZE];   /* the state that the agent has at the T-Server before the log-in; "": none is there */
    bool dn_out, switch_out; /* no call comes: the telephone, or the switch, is out of service */
    json_int_t login;        /* the browser's request to log in; 0: it is answered */
    json_int_t login_ref;    /* the request to the T-Server for it; 0: it is answered */
    json_int_t refs;
    json_t *asked; /* the ids of the browser's requests, by the reference of the T-Server's */
    json_t *calls; /* the message `call` of each, by ConnID */
    json_t
        *lost;   /* the calls of the time when the connection was lost, until the T-Server says which are still there */
    json_t *own; /* the number of the agent's own request that ends a call, or its consultation, by ConnID */
    json_t *parted;    /* by ConnID, the consultation of it that is over, until the agent is told (phone_calls_tick) */
    json_t *mutes;     /* the ConnID of a call that was muted before it was held, by the request that mutes it again */
    json_t *question;  /* the message `question`, while the agent is asked; NULL */
    uint64_t until_us; /* when the time to answer the question ends */
};

/* phone_wire.c */
/* `more` is taken; the answer goes to the browser's request `id`, 0: to nobody. Returns the request's number. */
json_int_t phone_ask_switch(struct phone *, const char *message, json_t *more, json_int_t id);
json_t *phone_at_dn(const struct phone *);
void phone_log_in(struct phone *);
void phone_ends(struct phone *); /* the connection is closed, and not made again */
void phone_reply(struct phone *, json_int_t id, const char *code, const char *text);
const char *phone_text_of(const json_t *event, const char *key); /* "": it has none */
/* The T-Server will answer no request any more: the browser that logs in gets `login`, each other one `others`. */
void phone_give_up(struct phone *, const char *login, const char *others);
void phone_close(struct phone *, const char *login, const char *others); /* gives up, too */

/* phone.c: the connection. */
/* Begins another log-in than before; all that was asked of the old connection is answered. NULL, or why it cannot
 * begin. */
const char *phone_begin(struct desk_agent *, const json_t *message, json_int_t id);

/* phone_told.c: what the T-Server says. */
void phone_take(struct phone *, const json_t *event);
void phone_tell_state(struct phone *, const char *state, const char *reason);
json_t *
phone_shown(const struct desk_agent *); /* all that the page shows of the telephone, also where the agent has none */

/* phone_calls.c: the calls at the telephone. */
void phone_call_is(struct phone *, const json_t *event, const char *state);
void phone_monitors(struct phone *, const json_t *event);
void phone_joined(struct phone *, const json_t *event);
void phone_calls_are(struct phone *, const json_t *calls); /* takes the list of all calls that there are */
void phone_calls_tick(struct phone *);                     /* once a second */
void phone_calls_lost(struct phone *); /* tells the page of the calls in `lost` that are not there any more */
/* Takes a refusal. True: it is the refusal of a request of ours. */
bool phone_call_refused(struct phone *, const json_t *error);
