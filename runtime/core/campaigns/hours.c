/* runtime/core/campaigns/hours.c - The daily window of a record, by the clocks of its zone. */
#include "runtime/core/campaigns/hours.h"

#include "vm/clock.h"
#include "vm/image.h"
#include "runtime/core/base/state.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/run/strategy.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"

#define DAY_S     INT64_C(86400)
#define SECOND_US INT64_C(1000000)

/* NULL: nothing is bound to the campaign, or the program does not name the zone. */
static const uint32_t *zone_of(const struct core *core, const struct list_record *row)
{
    const struct point *point = core_directory_point(core, row->campaign);
    struct binding binding = {.program = PROGRAM_NONE};
    if (point) binding = core_directory_binding(core, point, row->id);
    if (binding.program == PROGRAM_NONE) return NULL;
    struct span name = core_name(core, row->zone);
    const struct image *image = core->strategies->programs[binding.program].image;
    return image_zone_named(image, (struct text){(const char *)name.bytes, name.length});
}

bool hours_allow(const struct core *core, const struct list_record *row, int64_t at_us)
{
    const uint32_t *zone = row->from_us != row->till_us ? zone_of(core, row) : NULL;
    if (!zone) return true;
    int64_t at_s = at_us / SECOND_US;
    int64_t day_s = (at_s + zone_offset(zone, at_s)) % DAY_S;
    uint64_t shown_us = (uint64_t)(day_s < 0 ? day_s + DAY_S : day_s) * (uint64_t)SECOND_US;
    bool wraps = row->from_us > row->till_us; /* over midnight */
    return wraps ? shown_us >= row->from_us || shown_us < row->till_us
                 : shown_us >= row->from_us && shown_us < row->till_us;
}
