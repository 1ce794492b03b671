/* runtime/adapters/desk/phone.h - The telephone of an agent at a desk, for the files phone*.c. */
#pragma once

#include "runtime/adapters/desk/asks.h"

struct bufferevent;
struct resolver;

struct phone {
    struct desk_agent *agent;
    struct resolver *resolver;
    struct bufferevent *stream; /* NULL: none */
    bool ready;                 /* the T-Server accepts requests now */
    bool fetches, fetched;      /* the agent is at no telephone: the connection gets a token; it is over */
    unsigned wait_s;            /* seconds until the next attempt to connect; 0: connecting or connected */
    char dn[NAME_SIZE], queue[NAME_SIZE], state[NAME_SIZE];
    json_int_t since_ms;     /* when that state began: milliseconds since 1970 */
    char reason[NAME_SIZE];  /* the reason of that state; "": none is known */
    char there[NAME_SIZE];   /* the agent's state at the T-Server before the log-in; "": not logged in */
    bool dn_out, switch_out; /* the telephone, or the switch, is out of service: no call comes */
    bool no_take_over;       /* the switch lets nobody take over a call */
    json_int_t login;        /* the browser's request to log in; 0: none is open */
    json_int_t login_ref;    /* the desk's own request to the T-Server for `login`; 0: none is open */
    json_int_t refs;
    json_t *asked; /* ids of the browser's open requests, by the ReferenceID to the T-Server */
    json_t *calls; /* the last message `call` of each call, by ConnID */
    json_t *lost;  /* the calls at the time when the connection was lost, until the T-Server has listed the present
                    * ones */
    json_t *own;   /* by ConnID, the number of the agent's own request that ends the call or its consultation */
    /* by ConnID, a consultation about the call that has ended; the agent is told later (phone_calls_tick) */
    json_t *parted;
    json_t *mutes;     /* ConnID of a call muted before it was held, by the number of the request that mutes it again */
    json_t *question;  /* the message `question` while the agent is asked; NULL: no question */
    uint64_t until_us; /* by when the question must be answered */
};

/* phone_wire.c */
/* Sends a request to the T-Server; takes `more`; the answer goes to the browser's request `id`, 0: to nobody.
 * Returns the request's number. */
json_int_t phone_ask_switch(struct phone *, const char *message, json_t *more, json_int_t id);
json_t *phone_at_dn(const struct phone *);
void phone_log_in(struct phone *);
void phone_ends(struct phone *); /* closes the connection for good */
/* The connection that was to get a token is over, with one or without. `refused`: the T-Server does not know the user
 * or the password. */
void phone_fetched(struct phone *, bool refused);
void phone_reply(struct phone *, json_int_t id, const char *code, const char *text);
const char *phone_text_of(const json_t *event, const char *key); /* "": it has none */
/* The T-Server will answer no open request any more: the browser that logs in gets the code `login`, all other
 * requests get `others`. */
void phone_give_up(struct phone *, const char *login, const char *others);
/* Gives up (phone_give_up()), and closes the connection. */
void phone_close(struct phone *, const char *login, const char *others);

/* phone.c: the connection. */
/* Begins a log-in that replaces the one before; open requests on the old connection are answered. NULL, or why the
 * log-in cannot begin. */
const char *phone_begin(struct desk_agent *, const json_t *message, json_int_t id);

/* phone_told.c: handles the events of the T-Server. */
void phone_take(struct phone *, const json_t *event);
void phone_tell_state(struct phone *, const char *state, const char *reason);
json_t *
phone_shown(const struct desk_agent *); /* all that the page shows of the telephone, also if the agent has none */

/* Why the switch does not let a supervisor take over a call; NULL: it does. */
const char *phone_no_take_over(const struct phone *);

/* phone_calls.c: handles the calls at the telephone. */
void phone_call_is(struct phone *, const json_t *event, const char *state);
void phone_monitors(struct phone *, const json_t *event);
void phone_joined(struct phone *, const json_t *event);
void phone_calls_are(struct phone *, const json_t *calls); /* takes the list of all calls that exist */
void phone_calls_tick(struct phone *);                     /* once a second */
void phone_calls_lost(struct phone *); /* tells the page about the calls in `lost` that have ended meanwhile */
/* Handles the refusal of a request that the desk itself made; false: the refused request was a browser's. */
bool phone_call_refused(struct phone *, const json_t *error);

/* phone_vq.c */
/* Asks the core for the virtual queue of the call; the page is told it as `vq` of the call. */
void phone_vq_ask(const struct phone *, const char *conn);

/* phone_rings.c: keeps the calls in the agent's list. */
/* The call has become another one; `before` NULL: it is new. */
void phone_ring_is(struct phone *, const json_t *before, const json_t *call);
/* The call has ended at the telephone; `cause` "": none is known. */
void phone_ring_over(struct phone *, const json_t *call, const char *cause);
/* The telephone has the calls that are shown, and no others. */
void phone_rings_are(struct phone *);
