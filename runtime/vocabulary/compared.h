/* runtime/vocabulary/compared.h - What a comparison of two versions does with an effect, and with its fields: the table
 * compared.def. The module owns nothing. */
#pragma once

#include <stdbool.h>

enum compared_kind {
    COMPARED_none, /* the kind is no effect */
    COMPARED_decision,
    COMPARED_question,
    COMPARED_data,
    COMPARED_partition,
    COMPARED_consequence,
};

enum compared_kind compared_as(unsigned kind);
/* Is the field compared? Fields of the envelope are not. */
bool compared_field(unsigned kind, unsigned field);
