/* runtime/core/links/call_result.h - The result of a dialled call: for the step that dialled it, and for the calling
 * list. */
#pragma once

#include <stdint.h>

/* The subject of a cause (call_results.def). */
enum dial_subject { DIAL_OF_person, DIAL_OF_number, DIAL_OF_exchange, DIAL_OF_network };

struct call_result {
    uint8_t exit; /* enum code: the step ends with it */
    uint8_t told; /* enum cause: the list is told it */
    uint8_t of;   /* enum dial_subject */
};

/* The call has ended with that cause (enum cause), and nobody has answered. */
struct call_result call_result_of_cause(unsigned cause);
/* The link has answered the effect that dials with that code (enum code), which is not ok. */
struct call_result call_result_of_code(unsigned code);
