/* runtime/adapter/lobby.h - Connections of strangers: peers that have not yet said who they are.
 *
 * Strangers have a limit of their own and take no room from peers who are known. If the limit is reached, the
 * stranger that has been silent longest makes room for the new one; if an address has used up its share, a stranger
 * of that address does. So connections of strangers that send nothing keep nobody out. The owner ends the connection
 * that makes room, and ends each stranger after a short time. */
#pragma once

#include "runtime/adapter/address.h"

struct stranger { /* part of the owner's connection */
    struct stranger *previous, *next;
    void *self; /* the owner's connection; NULL: not in the lobby */
    char address[ADDRESS_TEXT];
};

struct lobby { /* all members are zero at first, except the limits */
    unsigned most, per_address;
    unsigned count;
    struct stranger *first, *last; /* ordered by when they last sent something, the longest silent first */
};

/* Returns the stranger that has to leave before a new one of that address may enter. NULL: there is room. */
struct stranger *lobby_makes_room(const struct lobby *, const char *address);
void lobby_enter(struct lobby *, struct stranger *, const char *address, void *self);
/* Notes that the stranger has sent something. Does nothing if the stranger is not in the lobby. */
void lobby_heard(struct lobby *, struct stranger *);
/* Takes the stranger out of the lobby, because it has said who it is or has left. Does nothing if the stranger is
 * not in the lobby. */
void lobby_leave(struct lobby *, struct stranger *);
