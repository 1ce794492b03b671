/* runtime/adapters/im/earlier.h - The words of a conversation before a worker joined it, read from the contact store on
 * a thread of its own. */
#ifndef IM_EARLIER_H
#define IM_EARLIER_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

struct event_base;
struct earlier;

struct earlier_said {
    char agent[80];
    uint64_t ixn;
    int64_t interaction; /* the store's */
    size_t bytes_max;    /* the oldest lines beyond are left out, which a line says */
    GString *text;       /* who of the people said what, each behind a new line; empty where the store does not tell */
    GHashTable *ids;     /* a set: the ids of the messages that `text` has */
    bool left_out;       /* `text` has not all */
};

/* `told` is called in the loop, once per question; NULL with the reason. */
struct earlier *earlier_new(struct event_base *, const char *store, const char *country,
                            void (*told)(void *self, struct earlier_said *), void *self, char *why, size_t why_size);
void earlier_free(struct earlier *); /* NULL is allowed; nothing is told any more */
void earlier_ask(struct earlier *, const char *agent, uint64_t ixn, int64_t interaction, size_t bytes_max);

#endif
