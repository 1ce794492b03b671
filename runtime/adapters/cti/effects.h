/* runtime/adapters/cti/effects.h - An effect of the core on its way to the switch, between effects.c, which takes it,
 * and effects_call.c, which does what is asked on a call. */
#ifndef CTI_EFFECTS_H
#define CTI_EFFECTS_H

#include "runtime/adapters/cti/internal.h"

struct job {
    struct cti *cti;
    const struct message *effect;
    struct asker asker;
    struct call *call;
};

/* A name of the effect as a text with its zero; the codec has checked its length. */
struct name {
    char text[NAME_SIZE];
};

void job_done(const struct job *, enum outcome, enum code, const char *text);
void job_refuse(const struct job *, enum code, const char *text);
struct name job_name(const struct job *, unsigned field);
/* The request to the switch, until the switch answers or the effect's time is over. */
struct ask *job_ask(const struct job *, enum expect, const char *dn);
/* The data of a route is what the desktop shows when it rings. */
void job_take_data(const struct job *, unsigned revision_field, unsigned data_field);

/* These effects need a call that is there. */
void effect_route_call(struct job *);
void effect_route_default(struct job *);
void effect_apply_treatment(struct job *);
void effect_call_control(struct job *);

#endif
