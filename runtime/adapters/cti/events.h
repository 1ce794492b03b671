/* runtime/adapters/cti/events.h - The events that are sent to clients, as numbers: there are no other events. */
#pragma once

#include <jansson.h>

#include "runtime/vocabulary/vocabulary.h"

enum client_event {
#define EVENT(name) CLIENT_##name,
#include "runtime/adapters/cti/events.def"
    CLIENT_EVENTS,
};

const char *cti_event_name(enum client_event);
enum client_event cti_event_of_party(enum party_change); /* EventReleased for a change that has no event */
json_t *cti_event_new(enum client_event);                /* with its name alone */
