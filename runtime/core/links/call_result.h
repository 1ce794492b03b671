/* runtime/core/links/call_result.h - The result of a dialled call: for the step that dialled it, and for the calling
 * list. */
#pragma once

#include <stdint.h>

/* What the cause of a call's end tells about: the person, the number, the exchange or the network
 * (call_results.def). */
enum dial_subject { DIAL_OF_person, DIAL_OF_number, DIAL_OF_exchange, DIAL_OF_network };

struct call_result {
    uint8_t exit; /* enum code: exit of the step that dialled */
    uint8_t told; /* enum cause that is reported to the calling list */
    uint8_t of;   /* enum dial_subject: whom or what the result concerns */
};

/* Returns the result of a call that ended for the given reason (enum cause) before anybody answered. */
struct call_result call_result_of_cause(unsigned cause);
/* Returns the result of a dial that the link has answered with the given code (enum code), which is not code_ok. */
struct call_result call_result_of_code(unsigned code);
