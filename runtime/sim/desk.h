/* runtime/sim/desk.h - An agent's desktop: a client of the T-Server's clients' wire (gcx-tserver(5)).
 *
 * Registers on its DN, logs its agent in, follows what the agent wants, answers and releases calls, and shows what
 * comes with them. Connects again when the T-Server is lost. Borrows the loop. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "runtime/vocabulary/vocabulary.h"

struct event_base;
struct desk;
struct tls;

struct desk_user {
    void *self;
    /* Every event of the T-Server, EventRinging with its data among them. */
    void (*event)(void *self, const struct desk *, const char *name, json_t *event);
    /* Gives the present address of the clients' wire; false while the T-Server has not told it. */
    bool (*where)(void *self, char *host, size_t size, uint16_t *port);
    struct tls *tls;      /* its own from now on; NULL: plain text */
    const char *password; /* of its agent as user, where the T-Server asks; borrowed; or NULL */
};

struct desk *desk_new(struct event_base *, const char *agent, const char *dn, const struct desk_user *);
void desk_free(struct desk *);

const char *desk_agent(const struct desk *);
/* Is the agent in the state that was asked for, as the T-Server says? */
bool desk_settled(const struct desk *);

void desk_set_state(struct desk *, enum agent_state);
/* `call` as the switch numbers it. An answer waits for the EventRinging that names the ConnID. */
void desk_answer(struct desk *, uint64_t call);
void desk_release(struct desk *, uint64_t call);
/* The agent accepts or declines; the desktop repeats it until the T-Server has an answer. */
void desk_invitation(struct desk *, uint64_t ticket, bool accepts);
uint64_t desk_ticket(json_t *event); /* ticket of the invitation that an event is about; 0: it is about none */
