/* runtime/adapters/desk/said.h - One message of a browser while it is handled, and the functions that all handlers
 * of messages share. */
#pragma once

#include "runtime/adapters/desk/desk.h"

struct desk_said {
    struct desk *desk;
    struct desk_agent *agent;
    const json_t *message;
    json_int_t id;
    uint64_t ixn; /* 0: it names none */
    bool goes;    /* the agent goes now: the core is asked although the store may not have done its part */
};
typedef void on_said(struct desk_said *);

/* Handles a message in the agent's name that no page has sent; its `id` is 0. */
void said_for(struct desk_agent *, const json_t *message, bool goes);
/* Replies with a refusal, and returns false. */
bool said_refuse(const struct desk_said *, const char *code, const char *text);
const char *said_text(const struct desk_said *, const char *key); /* "": it has none */
uint64_t said_number(const struct desk_said *, const char *key);  /* 0: it has none */
struct desk_request *said_ask(const struct desk_said *,
                              unsigned kind);         /* begins a request to the core about the message's interaction */
struct writer *said_writer(const struct desk_said *); /* of that request */

/* The functions below send the refusal themselves if the agent may not do it, and then return false or NULL. */
/* May the agent do this? `*supervises`: not as the owner of the item but as a supervisor; the core relies on the
 * desk for that. */
bool said_may(const struct desk_said *, enum act, bool *supervises);
struct item *said_item_for(const struct desk_said *, enum act); /* the agent's item, if the agent may do this with it */
/* outbound: e-mails may be sent from that queue too */
bool said_shows_queue(const struct desk_said *, const char *name, bool outbound);
bool said_shows_workbin(const struct desk_said *, const char *name);

/* What the store must have before the core is asked: said_keep() gives such a job for the message's agent, and its
 * `done` asks the core. said_kept() returns the agent there. NULL: the agent is gone; or the store has failed or the
 * core is away, and the message is answered with that. */
void said_keep(const struct desk_said *, struct desk_job *);
struct desk_agent *said_kept(struct desk *, const struct desk_job *);

/* Does the desk keep in the store how this item ends? The end of a conversation is kept by its own link. NULL: no. */
bool said_end_is_kept(const struct item *);
void said_keep_end(const struct item *, const char *result); /* keeps it, where it does */
/* As `after` of a RequestStop: the item ends here, and the store keeps how: request->more is the result. */
void said_ended(struct desk_request *, const struct message *reply, bool good);

void said_on_code(
    struct desk_said *); /* code.c: a code goes to the address that the customer has typed, or to its contact */

/* divide.c: one e-mail becomes a part of another one, or a part of one an e-mail of its own. */
void divide_said_merge(struct desk_said *);
void divide_said_split(struct desk_said *);

/* said_chat.c */
void said_message(struct desk_said *);
void said_typing(struct desk_said *);
void said_look(struct desk_said *);
bool said_may_begin(const struct desk_said *); /* may the agent write to somebody who has not written? Not too often */
void said_begin_text(struct desk_said *);
/* Begins the request `id` of the agent by which a short message goes to the number. `key` names it among the agent's;
 * `code`: it has a code by which a customer shows who they are. */
struct desk_request *said_text_asked(struct desk_agent *, json_int_t id, const char *number, const char *key,
                                     const char *text, bool code);

/* said_state.c */
bool said_has_reason(const struct desk_said *, const char *reason); /* false: refused, as it is none of the list */
void said_state(struct desk_said *);

/* record.c */
void said_record(struct desk_said *);

/* said_move.c */
void said_move(struct desk_said *);
/* Asks the core to put the interaction into a queue or workbin, with user data; the item ends here once it is there.
 * `to`: queue or workbin; `whose`: the agent whose workbin it is, "": the own one. */
void said_place(const struct desk_said *, const char *to, const char *name, const char *whose, struct kv *data);
void said_pull(struct desk_said *);
