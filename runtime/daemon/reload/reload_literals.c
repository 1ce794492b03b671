/* runtime/daemon/reload/reload_literals.c - Finds the constants that strategies pass to steps which refuse some
 * values: numbers, addresses, and the pairs of a record that is added to a list (the rows LITERAL of contract.def). */
#include "runtime/daemon/reload/reload_state.h"

#include <stdlib.h>

#include "base/memory.h"
#include "runtime/vocabulary/contract.h"
#include "vm/reads.h"
#include "vm/steps.h"
#include "vm/value.h"

static const char *const literal_kinds[] = {
    [LITERAL_DIALLED] = "dialled", [LITERAL_ADDED] = "added", [LITERAL_MAILED] = "mailed"};

/* True: the type is neither a text nor a number; a record of a list never has such a value. */
static bool pair_is_odd(uint16_t type)
{
    uint16_t base = type_base(type);
    return base == TYPE_BOOL || base == TYPE_FLOAT || base == TYPE_TIME;
}

static void pairs_tell(const struct image *image, const struct image_wait *wait, uint16_t map, const char *place,
                       reload_name *hear, void *self)
{
    struct image_pair pair;
    struct text text;
    char inlined[8];
    bool always;
    for (uint32_t i = 0; image_says_pair(image, wait, map, i, &pair); i++) {
        if (!pair.known) continue;
        char *key = memory_format("%.*s", (int)pair.key.length, pair.key.bytes);
        while (image_pair_text(image, &pair, &text, inlined, &always)) {
            char *value = memory_format("%.*s", (int)text.length, text.bytes);
            hear(self, always ? "column" : "choice", value, key, place);
            free(value);
        }
        if (pair_is_odd(pair.type)) hear(self, "odd", key, "", place);
        free(key);
    }
}

void reading_literals(const struct image *image, const bool *starts, const char *file, reload_name *hear, void *self)
{
    char place[PLACE], inlined[8];
    struct text text;
    for (uint32_t i = 0; i < image_count(image, SECTION_WAITS); i++) {
        const struct image_wait *wait = image_wait(image, i);
        const struct step *step = step_numbered(wait->step);
        const struct image_operand *row = image_operands(image, wait->operands);
        reading_place_print(image, wait->function, wait->pc, file, place);
        for (uint32_t k = 0; step && k < wait->arguments; k++, row++) {
            enum contract_literal kind = LITERAL_NONE;
            for (uint32_t p = 0; p < step->parameter_count; p++)
                if (step->parameters[p].number == row->parameter)
                    kind = contract_literal(step->name, step->parameters[p].name);
            if (step->number == STEP_ID_outbound_add && row->parameter == PARAMETER_outbound_add_fields)
                pairs_tell(image, wait, row->operand, place, hear, self);
            if (kind == LITERAL_DIALLED && !starts[wait->function]) continue;
            if (kind == LITERAL_NONE || !image_says_text(image, row->operand, &text, inlined)) continue;
            char *said = memory_format("%.*s", (int)text.length, text.bytes);
            hear(self, literal_kinds[kind], said, step->name, place);
            free(said);
        }
    }
}
