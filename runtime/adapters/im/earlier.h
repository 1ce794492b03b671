/* runtime/adapters/im/earlier.h - The words of a conversation before a worker joined it, read from the contact store by
 * the thread of the post office. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct office;

struct earlier_said {
    char agent[80];
    uint64_t ixn;
    int64_t interaction; /* the store's number of the conversation */
    size_t bytes_max;    /* of `text`: the oldest lines beyond that are left out, and a line says so */
    GString *text;       /* who of the people said what, each behind a new line; empty where the store does not tell */
    GHashTable *ids;     /* a set: the ids of the messages that `text` has */
    bool left_out;       /* older lines were left out of `text` */
    void (*told)(void *self, struct earlier_said *);
    void *self;
};

/* Asks for the earlier words of a conversation; `told` is called with them in the loop, once, unless the office ends
 * before. */
void earlier_ask(struct office *, void (*told)(void *self, struct earlier_said *), void *self, const char *agent,
                 uint64_t ixn, int64_t interaction, size_t bytes_max);
