/* runtime/sim/service.h - Converts between the JSON of the switch link and services, reports and rows of the model. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "runtime/sim/switch.h"

struct service_outcome {
    enum code code;
    json_t *result; /* object to which the service adds members */
    uint64_t call;  /* the call that the service was about; 0: none */
    char what[200]; /* for the log */
    /* who ended the call or sent it to the default, and why, borrowed from the request; NULL: unknown */
    const char *keep, *why;
};

/* Performs one service on the switch. A missing or wrong argument only makes the service fail. */
void service_perform(struct sim_switch *, const char *name, json_t *request, uint64_t now_us, struct service_outcome *);

const char *service_code(enum code); /* the word for the code on the switch link */
/* Makes the event for a report; `call` NULL: it is gone, or there is none. `data`, borrowed: the data that the call
 * brought; NULL: none. */
json_t *service_event(const struct switch_report *, const struct switch_call *, json_t *data);
json_t *service_device(const struct switch_device_row *);
json_t *service_agent(const struct switch_device_row *);
json_t *service_call(const struct switch_call *, json_t *data); /* data: borrowed, or NULL */
const char *service_event_name(const struct switch_report *);
