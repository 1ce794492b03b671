/* runtime/adapters/sip/farewell.h - Messages of a campaign's call: for a person to whom nobody has come in time, and
 * for a machine.
 *
 *     WATCHES --- answered, message_within ---> DUE (the detector still listens) ---> PLAYS ---> gone: abandoned
 *        '--- a machine; the call is over for the core ---> LISTENS --- it is silent ---> LEAVES ---> gone
 *                                                              ^---- it speaks or beeps ----'
 *
 * The exchange plays them by itself, so that they are heard while the core is away, too. The message of a person is
 * heard to its end: what the strategy plays meanwhile counts as played, and the call ends behind it. An agent who
 * answers meanwhile has the call. */
#pragma once

#include "runtime/adapters/sip/talk.h"

enum farewell_state {
    FAREWELL_WATCHES,
    FAREWELL_DUE,
    FAREWELL_PLAYS,
    FAREWELL_LISTENS,
    FAREWELL_LEAVES,
    FAREWELL_OVER
};

struct farewell {
    struct talk *talk;
    enum farewell_state state;
    struct sound *person, *machine; /* NULL: no message */
    enum cause cause;
    uint64_t loud_ms, since_ms; /* the machine was heard last; it has answered */
    unsigned loud, again;
    struct alarm timer;
};
