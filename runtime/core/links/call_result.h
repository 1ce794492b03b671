/* runtime/core/links/call_result.h - The result of a dialled call: for the step that dialled it, and for the calling
 * list. */
#pragma once

#include <stdint.h>

/* The subject of a cause (call_results.def). */
enum dial_subject { DIAL_OF_person, DIAL_OF_number, DIAL_OF_exchange, DIAL_OF_network };

struct call_result {
    uint8_t exit; /* enum code with which the step ends */
    uint8_t told; /* enum cause that the calling list is told */
    uint8_t of;   /* enum dial_subject: what the result says something about */
};

/* Returns the result of a call that has ended with that cause (enum cause) before anybody answered. */
struct call_result call_result_of_cause(unsigned cause);
/* Returns the result when the link answers the effect that dials with that code (enum code), which is not code_ok. */
struct call_result call_result_of_code(unsigned code);
