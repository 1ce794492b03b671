/* runtime/adapters/desk/said.h - One message of a browser while it is looked at, and what all handlers of messages
 * share. */
#ifndef DESK_SAID_H
#define DESK_SAID_H

#include "runtime/adapters/desk/desk.h"

struct said {
    struct desk *desk;
    struct agent *agent;
    const json_t *message;
    json_int_t id;
    uint64_t ixn; /* 0: it names none */
};
typedef void on_said(struct said *);

void said_refuse(const struct said *, const char *code, const char *text);
const char *said_text(const struct said *, const char *key);  /* "": it has none */
uint64_t said_number(const struct said *, const char *key);   /* 0: it has none */
struct request *said_ask(const struct said *, unsigned kind); /* begins a request to the core about the interaction */
struct writer *said_writer(const struct said *);              /* of that request */
struct item *said_item(const struct said *); /* the agent's open item; NULL: they have none, and are told */
/* Agents may act on what they have, supervisors on everything: the core takes our word for `*supervises`. */
bool said_may_act(const struct said *, bool *supervises);

/* said_chat.c */
void said_message(struct said *);
void said_typing(struct said *);

/* record.c */
void said_record(struct said *);

/* said_move.c */
void said_move(struct said *);
void said_pull(struct said *);

#endif
