/* runtime/adapters/cti/effects.h - An effect of the core on its way to the switch, shared by effects.c, which
 * receives it, and effects_call.c, which performs those on calls. */
#pragma once

#include "runtime/adapters/cti/internal.h"

struct cti_job {
    struct cti *cti;
    const struct message *effect;
    struct cti_asker asker;
    struct call *call;
};

/* A name from the effect, with a terminating zero; the codec has checked its length. */
struct effect_name {
    char text[NAME_SIZE];
};

void job_done(const struct cti_job *, enum outcome, enum code, const char *text);
void job_refuse(const struct cti_job *, enum code, const char *text);
struct effect_name job_name(const struct cti_job *, unsigned field);
/* Adds the request to the asks, where it waits until the switch answers or the effect's time is over. */
struct ask *job_ask(const struct cti_job *, enum expect, const char *dn);
/* Takes over user data of the effect, if they are not older than the call's: the desktop shows them when the call
 * rings. */
void job_take_data(const struct cti_job *, unsigned revision_field, unsigned data_field);

/* The effects below need a call that exists. */
void effect_route_call(struct cti_job *);
void effect_route_default(struct cti_job *);
void effect_apply_treatment(struct cti_job *);
void effect_call_control(struct cti_job *);
void effect_party(struct cti_job *);
