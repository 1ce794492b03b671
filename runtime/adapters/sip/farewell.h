/* runtime/adapters/sip/farewell.h - Messages of a campaign's call: for a person for whom no agent was free in time,
 * and for a machine.
 *
 *     WATCHES --- answered, message_within ---> DUE (the detector still listens) ---> PLAYS ---> gone: abandoned
 *        '--- a machine; the call is over for the core ---> LISTENS --- it is silent ---> LEAVES ---> gone
 *                                                              ^---- it speaks or beeps ----'
 *
 * The exchange plays the messages without asking the core, so that they are heard even while the core is away. The
 * message for a person is played to its end: treatments of the strategy during that time count as played, and the
 * call ends after the message. If an agent answers meanwhile, the agent gets the call. */
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
    uint64_t loud_ms, since_ms; /* when the machine was last heard, and when it answered (loop_ms) */
    unsigned loud, again;
    struct alarm timer;
};
