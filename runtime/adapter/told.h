/* runtime/adapter/told.h - An adapter's words about itself outside of the journal: its neighbours, which it needs and
 * which may be away, and its figures (figures.def).
 *
 * Both ends of a link have one: the adapter's is what is so, the core's is what was told last. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct message;
struct writer;

enum { TOLD_NEIGHBOURS_MAX = 16, TOLD_FIGURES_MAX = 160, TOLD_NAME = 48, TOLD_WHY = 200 };

/* Figures whose name begins so are rows of one metric: behind it stands a label's value. */
#define TOLD_REFUSED     "refused."
#define TOLD_CERTIFICATE "certificate." /* the value is the moment of its end, in seconds since 1970 */

struct told_neighbour {
    char name[TOLD_NAME], why[TOLD_WHY];
    bool up;
    uint64_t since_us; /* by the clock of the process that has this row: the adapter, or gcxvm */
};

struct told_figure {
    char name[TOLD_NAME];
    int64_t value;
};

struct told {
    struct told_neighbour neighbours[TOLD_NEIGHBOURS_MAX];
    struct told_figure figures[TOLD_FIGURES_MAX];
    unsigned neighbour_count, figure_count;
};

/* True: the neighbour has gone, come back, or was never told to be away before. `why` is read where it is away. Beyond
 * TOLD_NEIGHBOURS_MAX there is none. */
bool told_neighbour(struct told *, const char *name, bool up, const char *why, uint64_t now_us);
/* Sets a figure; adds to it. True: it is another value now. */
bool told_figure(struct told *, const char *name, int64_t value);
bool told_count(struct told *, const char *name, int64_t more);
/* NULL: it was not told. */
const struct told_figure *told_find(const struct told *, const char *name);

/* Writes it into a Report that was begun; takes it from one. */
void told_write(const struct told *, struct writer *);
void told_read(struct told *, const struct message *report, uint64_t now_us);
