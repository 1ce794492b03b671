/* runtime/adapters/cti/effects.h - An effect of the core on its way to the switch, between effects.c, which takes it,
 * and effects_call.c, which does what is asked on a call. */
#pragma once

#include "runtime/adapters/cti/internal.h"

struct cti_job {
    struct cti *cti;
    const struct message *effect;
    struct cti_asker asker;
    struct call *call;
};

/* A name of the effect as a text with its zero; the codec has checked its length. */
struct effect_name {
    char text[NAME_SIZE];
};

void job_done(const struct cti_job *, enum outcome, enum code, const char *text);
void job_refuse(const struct cti_job *, enum code, const char *text);
struct effect_name job_name(const struct cti_job *, unsigned field);
/* The request to the switch, until the switch answers or the effect's time is over. */
struct ask *job_ask(const struct cti_job *, enum expect, const char *dn);
/* The data of a route is what the desktop shows when it rings. */
void job_take_data(const struct cti_job *, unsigned revision_field, unsigned data_field);

/* These effects need a call that is there. */
void effect_route_call(struct cti_job *);
void effect_route_default(struct cti_job *);
void effect_apply_treatment(struct cti_job *);
void effect_call_control(struct cti_job *);
