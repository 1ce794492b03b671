/* runtime/adapters/im/earlier.h - The messages of a conversation before an expert joined it, read from the contact
 * store by the thread of the post office. */
#pragma once

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct office;

struct earlier_said {
    char agent[80];
    uint64_t ixn;
    int64_t interaction; /* the store's number of the conversation */
    size_t bytes_max;    /* most bytes of `text`: older lines are left out, and a line says so */
    GString *text;       /* the messages with their writers, each on a new line; empty if they cannot be read */
    GHashTable *ids;     /* a set: the ids of the messages in `text` */
    bool left_out;       /* older lines were left out of `text` */
    void (*told)(void *self, struct earlier_said *);
    void *self;
};

/* Reads the earlier messages of a conversation; `told` is called with them in the loop, once, unless the post office
 * ends before. */
void earlier_ask(struct office *, void (*told)(void *self, struct earlier_said *), void *self, const char *agent,
                 uint64_t ixn, int64_t interaction, size_t bytes_max);
