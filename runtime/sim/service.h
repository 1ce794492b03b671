/* runtime/sim/service.h - The words of the switch link: JSON to services of the model, reports and rows to JSON. */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "runtime/sim/switch.h"

struct service_outcome {
    enum code code;
    json_t *result;         /* members are added to it */
    uint64_t call;          /* the call that the service was about; 0: none */
    char what[200];         /* for the log */
    const char *keep, *why; /* of who ends or defaults it, borrowed from the request; NULL: not said */
};

/* Performs one service on the switch. An argument that is missing or not understood is an error, never more. */
void service_perform(struct sim_switch *, const char *name, json_t *request, uint64_t now_us, struct service_outcome *);

const char *service_code(enum code); /* as the link writes it */
/* `call` NULL: gone, or none. `data`, borrowed: what it brought along; NULL: nothing. */
json_t *service_event(const struct switch_report *, const struct switch_call *, json_t *data);
json_t *service_device(const struct switch_device_row *);
json_t *service_agent(const struct switch_device_row *);
json_t *service_call(const struct switch_call *, json_t *data); /* data: borrowed, or NULL */
const char *service_event_name(const struct switch_report *);
