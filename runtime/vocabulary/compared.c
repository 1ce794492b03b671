/* runtime/vocabulary/compared.c - Reads the table of what is compared. A row that is there twice does not compile. */
#include "runtime/vocabulary/compared.h"

#include "runtime/vocabulary/effects_call.h"
#include "runtime/vocabulary/effects_host.h"
#include "runtime/vocabulary/effects_link.h"
#include "runtime/vocabulary/effects_list.h"
#include "runtime/vocabulary/effects_work.h"

enum { COMPARED_FIELD_FIRST = 16, COMPARED_FIELDS = 256 }; /* fields behind the envelope */

/* clang-format off */
enum compared_kind compared_as(unsigned kind)
{
    switch (kind) {
#define BESIDE(effect, field)
#define COMPARED(effect, as) case KIND_##effect: return COMPARED_##as;
#include "runtime/vocabulary/compared.def"
    default: return COMPARED_none;
    }
}

bool compared_field(unsigned kind, unsigned field)
{
    if (field < COMPARED_FIELD_FIRST) return false;
    switch (kind * COMPARED_FIELDS + field) {
#define COMPARED(effect, as)
#define BESIDE(effect, field) case KIND_##effect * COMPARED_FIELDS + effect##_##field: return false;
#include "runtime/vocabulary/compared.def"
    default: return true;
    }
}
/* clang-format on */
