/* tests/unit/console_soon_model.h - Simulated days of a queue, second by second, and how often the warning of a missed
 * target is right on them: for the unit test, and for the figures of tests/bench/warning.c. The same seed gives the
 * same days. */
#pragma once

#include <stdint.h>

struct soon_centre {
    double load;    /* so many people are busy on average; calls take 200 s */
    unsigned least; /* a quarter of an hour with fewer calls has no level */
};

/* How a warning did: minutes are those of which the next quarter of an hour has a level. */
struct soon_judged {
    unsigned missed, hit;   /* minutes before a quarter of an hour that missed its target; those with the warning */
    unsigned warned, wrong; /* minutes with the warning; those before a quarter of an hour that met its target */
    unsigned onsets,
        ahead;     /* how often the last quarter of an hour began to miss its target; with the warning before */
    unsigned lead; /* minutes from the warning until then, all together */
    double error;  /* of the level that was expected, all minutes together */
};

/* own: what the console tells; lately: the level of the last quarter of an hour is below the target; near: it is less
 * than five points above. */
struct soon_days {
    unsigned days, calls, minutes;
    struct soon_judged own, lately, near;
};

/* Plays so many days of the centre and looks at each so-manieth minute. */
void soon_days_play(const struct soon_centre *, uint64_t seed, unsigned days, unsigned each, struct soon_days *);
