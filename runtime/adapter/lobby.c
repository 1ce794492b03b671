/* runtime/adapter/lobby.c - Counts the strangers at a listener and names the stranger that makes room.
 *
 *     first (silent longest) --> ... --> last (heard just now)
 *
 * The strangers are a doubly linked list, ordered by when they last sent something. The struct of a stranger is part
 * of the owner's connection, so entering allocates nothing. `self` NULL means that the stranger is not in the list,
 * and leaving twice does nothing. */
#include "runtime/adapter/lobby.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* NULL: there is room. If a stranger is returned, the owner ends its connection and then enters the new stranger. */
struct stranger *lobby_makes_room(const struct lobby *lobby, const char *address)
{
    unsigned same = 0;
    struct stranger *longest = NULL;
    assert(lobby->most > 0 && lobby->per_address > 0);
    for (struct stranger *one = lobby->first; one; one = one->next) {
        if (strcmp(one->address, address) != 0) continue;
        if (!longest) longest = one;
        same++;
    }
    if (same >= lobby->per_address) return longest;
    return lobby->count >= lobby->most ? lobby->first : NULL;
}

static void lobby_append(struct lobby *lobby, struct stranger *stranger)
{
    stranger->previous = lobby->last;
    stranger->next = NULL;
    *(lobby->last ? &lobby->last->next : &lobby->first) = stranger;
    lobby->last = stranger;
    lobby->count++;
}

static void lobby_remove(struct lobby *lobby, struct stranger *stranger)
{
    assert(lobby->count > 0);
    *(stranger->previous ? &stranger->previous->next : &lobby->first) = stranger->next;
    *(stranger->next ? &stranger->next->previous : &lobby->last) = stranger->previous;
    lobby->count--;
}

void lobby_enter(struct lobby *lobby, struct stranger *stranger, const char *address, void *self)
{
    assert(self && !lobby_makes_room(lobby, address));
    *stranger = (struct stranger){.self = self};
    snprintf(stranger->address, sizeof stranger->address, "%s", address);
    lobby_append(lobby, stranger);
}

void lobby_heard(struct lobby *lobby, struct stranger *stranger)
{
    if (!stranger->self) return;
    lobby_remove(lobby, stranger);
    lobby_append(lobby, stranger);
}

void lobby_leave(struct lobby *lobby, struct stranger *stranger)
{
    if (!stranger->self) return;
    lobby_remove(lobby, stranger);
    stranger->self = NULL;
}
