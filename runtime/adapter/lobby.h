/* runtime/adapter/lobby.h - Connections of strangers: those that have not yet said who they are.
 *
 * Strangers have places of their own and take none from peers who are known. If their places are all taken the
 * stranger that has been silent longest makes room for the new one; of an address that has its share already, one of
 * the same address. So nobody is kept out by strangers who hold connections and say nothing. The owner ends the
 * connection that makes room, and ends each stranger after a short time. */
#pragma once

#include "runtime/adapter/address.h"

struct stranger { /* part of the owner's connection */
    struct stranger *previous, *next;
    void *self; /* the owner's connection; NULL: not in the lobby */
    char address[ADDRESS_TEXT];
};

struct lobby { /* zeroed, but for the limits */
    unsigned most, per_address;
    unsigned count;
    struct stranger *first, *last; /* by when they were heard last, the longest silent one first */
};

/* The stranger that has to leave before one of that address may enter. NULL: there is room. */
struct stranger *lobby_makes_room(const struct lobby *, const char *address);
void lobby_enter(struct lobby *, struct stranger *, const char *address, void *self);
/* The stranger has said something. Passed over if it is not in the lobby. */
void lobby_heard(struct lobby *, struct stranger *);
/* Takes the stranger out, because it has said who it is or has left. Does nothing if it is not in the lobby. */
void lobby_leave(struct lobby *, struct stranger *);
