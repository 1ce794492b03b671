/* runtime/adapters/cti/events.c - The names of the events that are sent to clients (events.def). */
#include "runtime/adapters/cti/events.h"

#include <assert.h>

const char *cti_event_name(enum client_event event)
{
    static const char *const names[] = {
#define EVENT(name) #name,
#include "runtime/adapters/cti/events.def"
    };
    assert(event < CLIENT_EVENTS);
    return names[event];
}

enum client_event cti_event_of_party(enum party_change change)
{
    switch (change) {
#define PARTY_EVENT(name)                                                                                              \
    case party_change_##name:                                                                                          \
        return CLIENT_Event##name;
#include "runtime/adapters/cti/events.def"
    default:
        return CLIENT_EventReleased;
    }
}

json_t *cti_event_new(enum client_event event)
{
    return json_pack("{s:s}", "Message", cti_event_name(event));
}
