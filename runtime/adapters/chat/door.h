/* runtime/adapters/chat/door.h - The door for customers: HTTP, WebSocket connections, who may come, and how often.
 *
 * A connection is named by its ticket, which is never used again: what is said to one that has gone is passed over. */
#ifndef CHAT_DOOR_H
#define CHAT_DOOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address;
struct door;
struct event_base;
struct setting;

enum { DOOR_TAKEN = 4001 /* the code with which a connection ends whose chat another one has resumed */ };

struct door_calls {
    void *self;
    /* A message, which is text in UTF-8; borrowed. */
    void (*heard)(void *self, uint64_t ticket, const char *text, size_t length);
    void (*gone)(void *self, uint64_t ticket);
};

/* The settings are borrowed. */
struct door *door_new(struct event_base *, const struct setting *, const struct door_calls *);
void door_free(struct door *); /* NULL is allowed; `gone` is not called any more */
/* False: errno. */
bool door_listen(struct door *, const struct address *, unsigned *port);
void door_say(struct door *, uint64_t ticket, const char *text);
void door_end(struct door *, uint64_t ticket, unsigned code, const char *reason);
/* Counts a chat that this connection begins. False: its address has begun too many in this minute. */
bool door_may_begin(struct door *, uint64_t ticket);
void door_tick(struct door *); /* each second */

#endif
