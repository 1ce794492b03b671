/* man/tables/wire.c - The adapters' protocol: events, effects, controls, bounds. */
#include "man/tables/page.h"
#include "man/tables/tables.h"

#include <stdio.h>

#include "runtime/adapter/protocol.h"
#include "runtime/adapter/waiting.h"

/* Prints the events; their fields have a page of their own, so rows of fields print nothing here. */
void events(void)
{
#define EVENT(name, number, class, by, doc) row(#name, #class ", from " by, doc);
#define EVENT_IF(name, field, value, class)
#define EVENT_PACE(name, pace)
#define F(message, field, type)
#define END(message)
#include "runtime/vocabulary/events.def"
#undef EVENT
#undef EVENT_IF
#undef EVENT_PACE
}

void effects(void)
{
#define EFFECT(name, number, class, to, deadline, doc) row(#name, #class ", to " to, doc);
#include "runtime/vocabulary/effects.def"
#undef EFFECT
#undef F
#undef END
}

void controls(void)
{
#define CONTROL(name, number, sender, doc)                                                                             \
    row(#name, #number ", from " sender, doc);                                                                         \
    puts(".br\nFields:");
#define F(message, field, type) puts(".Sy " #field);
#define END(message)
#include "runtime/vocabulary/controls.def"
#undef CONTROL
#undef F
#undef END
}

/* Prints one limit or waiting time of a link, with the number that gcxvm is compiled with. */
static void put_wire_bound(long number, const char *unit, const char *doc)
{
    char name[64];
    snprintf(name, sizeof name, "%ld %s", number, unit);
    row(name, "", doc);
}

void bounds(void)
{
    enum { MIB = 1024 * 1024, SECOND = 1000000 };
    put_wire_bound(LINK_CREDIT_ARRIVE, "arrivals",
                   "that may be on their way to the journal; one more is refused at the switch");
    put_wire_bound(LINK_CREDIT_CONTINUE, "events",
                   "of calls in progress; one more waits in the adapter until there is credit");
    put_wire_bound(LINK_CREDIT_BYTES / MIB, "MiB", "of both together");
    put_wire_bound(LINK_OUTSTANDING_MAX, "events",
                   "of all classes that the core has not yet made durable: beyond, the link is not read");
    put_wire_bound(LINK_OUTSTANDING_BYTES / MIB, "MiB", "of them");
    put_wire_bound(LINK_UNCOMMITTED_COUNT, "events",
                   "that an adapter keeps until they are durable: beyond, what was never sent is "
                   "forgotten, older states of an object first; the next resync tells how things are");
    put_wire_bound(LINK_UNCOMMITTED_MAX / MIB, "MiB", "of them");
    put_wire_bound(LINK_CREDIT_EFFECTS, "effects",
                   "that an adapter has not said to be done with; beyond, they wait in the core's "
                   "process, the newest notice of an object in place of the older ones");
    put_wire_bound(WAITING_COUNT_MAX, "effects",
                   "that may wait so: beyond, the adapter does not work, and the link is ended");
    put_wire_bound(WAITING_BYTES_MAX / MIB, "MiB", "of them");
    put_wire_bound(MESSAGE_EVENT_MAX / 1024, "KiB", "of one event");
    put_wire_bound(MESSAGE_FRAME_MAX / 1024, "KiB", "of any frame");
    put_wire_bound(LINK_HELLO_US / SECOND, "s", "to say Hello, or Welcome");
    put_wire_bound(LINK_DEAD_US / SECOND, "s", "of silence: the link is over; a third of it, and Ping is sent");
}

/* Prints the prefixes of numbers to which a call costs more. */
void costly_numbers(void)
{
    const char *before = ".Li";
#define COSTLY(prefix)                                                                                                 \
    printf("%s +%s", before, prefix);                                                                                  \
    before = " ,\n.Li";
#include "runtime/vocabulary/refused_numbers.def"
    puts(" .");
}
