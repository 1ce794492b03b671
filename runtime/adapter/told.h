/* runtime/adapter/told.h - What an adapter reports about itself outside the journal: its neighbours (services that
 * it needs and that may be away), and its figures (figures.def).
 *
 * Both ends of a link have a copy: the adapter's has the present state, the core's has what was reported last. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct message;
struct writer;

enum { TOLD_NEIGHBOURS_MAX = 16, TOLD_FIGURES_MAX = 160, TOLD_NAME = 48, TOLD_WHY = 200 };

/* Figures whose name begins with "refused." are rows of one metric: the rest of the name is the value of a label. */
#define TOLD_REFUSED "refused."
/* prefix of the figures whose value is the end of a certificate, in seconds since 1970 */
#define TOLD_CERTIFICATE "certificate."

struct told_neighbour {
    char name[TOLD_NAME], why[TOLD_WHY];
    bool up;
    uint64_t since_us; /* by the clock of the process that has this struct: the adapter, or gcxvm */
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

/* Sets the state of a neighbour. True: the neighbour has gone, come back, or is reported as away for the first time.
 * `why` is used only if the neighbour is away. Neighbours beyond TOLD_NEIGHBOURS_MAX are ignored. */
bool told_neighbour(struct told *, const char *name, bool up, const char *why, uint64_t now_us);
/* Sets a figure, or adds to it. True: the value has changed. */
bool told_figure(struct told *, const char *name, int64_t value);
bool told_count(struct told *, const char *name, int64_t more);
/* NULL: the figure was never reported. */
const struct told_figure *told_find(const struct told *, const char *name);

/* Write neighbours and figures into a Report that was begun, and read them from a Report. */
void told_write(const struct told *, struct writer *);
void told_read(struct told *, const struct message *report, uint64_t now_us);
