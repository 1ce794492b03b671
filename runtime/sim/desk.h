/* runtime/sim/desk.h - An agent's desktop, as a client of the T-Server's wire for clients (gcx-tserver(5)).
 *
 * A desktop registers on its DN, logs its agent in, follows the agent's wishes, answers and releases calls, and shows
 * their data. A desktop connects again when the connection to the T-Server is lost. Borrows the loop. */
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
    /* Called with every event of the T-Server, such as EventRinging with its data. */
    void (*event)(void *self, const struct desk *, const char *name, json_t *event);
    /* Gives the present address of the clients' wire; false: the T-Server has not announced it yet. */
    bool (*where)(void *self, char *host, size_t size, uint16_t *port);
    struct tls *tls;      /* owned by the desktop; NULL: unencrypted connection */
    const char *password; /* the agent's password if the T-Server asks for one, borrowed; or NULL */
};

struct desk *desk_new(struct event_base *, const char *agent, const char *dn, const struct desk_user *);
void desk_free(struct desk *);

const char *desk_agent(const struct desk *);
/* Is the agent in the requested state, according to the T-Server? */
bool desk_settled(const struct desk *);

void desk_set_state(struct desk *, enum agent_state);
/* `call`: the switch's number of the call. The answer is sent when EventRinging has named the ConnID. */
void desk_answer(struct desk *, uint64_t call);
void desk_release(struct desk *, uint64_t call);
/* Accepts or declines an invitation; the desktop repeats this until the T-Server has confirmed. */
void desk_invitation(struct desk *, uint64_t ticket, bool accepts);
uint64_t desk_ticket(json_t *event); /* ticket of the event's invitation; 0: the event is about none */
