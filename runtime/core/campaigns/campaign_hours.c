/* runtime/core/campaigns/campaign_hours.c - The daily windows of a record, by the clocks of its zone; the schedule of a
 * campaign.
 *
 * Zones come with the program of the strategy that is bound to the campaign: the core has no clocks of its own. A
 * record whose zone the program does not name may be called at any hour here, since its list checks the hours, too;
 * a schedule whose zone is missing counts as no schedule, and nothing of the campaign begins. */
#include "runtime/core/campaigns/campaign.h"

#include <assert.h>

#include "vm/clock.h"
#include "vm/image.h"
#include "vm/schedule.h"
#include "runtime/core/base/now.h"
#include "runtime/core/campaigns/list_record.h"
#include "runtime/core/interactions/interaction.h"
#include "runtime/core/site/directory.h"
#include "runtime/core/site/program.h"
#include "runtime/core/site/setting.h"

#define DAY_S          INT64_C(86400)
#define WALL_SECOND_US INT64_C(1000000)

/* Returns a zone from the program of the campaign's strategy. `number` is the number of the record, which chooses
 * between two programs. NULL: no strategy is bound to the campaign, or its program does not name the zone. */
static const uint32_t *hours_zone(const struct campaigns *campaigns, uint32_t campaign, uint64_t number, uint32_t zone)
{
    struct binding binding = campaign_bound(campaigns, campaign, number);
    if (binding.program == PROGRAM_NONE) return NULL;
    struct span name = names_text(campaigns->names, zone);
    const struct image *image = campaigns->strategies->programs[binding.program].image;
    return clock_zone_named(image, (struct text){(const char *)name.bytes, name.length});
}

/* True: `shown_s` of the day lies in the window, which may go over midnight. */
static bool hours_in_window(uint32_t from_s, uint32_t till_s, int64_t shown_s)
{
    return from_s > till_s ? shown_s >= from_s || shown_s < till_s : shown_s >= from_s && shown_s < till_s;
}

bool campaign_hours_allow(const struct campaigns *campaigns, const struct list_record *row, int64_t at_us)
{
    const uint32_t *zone = row->from_s != row->till_s ? hours_zone(campaigns, row->campaign, row->id, row->zone) : NULL;
    if (!zone) return true;
    int64_t at_s = at_us / WALL_SECOND_US;
    int64_t day_s = (at_s + clock_zone_offset(zone, at_s)) % DAY_S;
    int64_t shown_s = day_s < 0 ? day_s + DAY_S : day_s;
    return hours_in_window(row->from_s, row->till_s, shown_s) ||
           hours_in_window(row->again_from_s, row->again_till_s, shown_s);
}

/* ---- the schedule of a campaign ---- */

struct hours { /* a schedule of the directory, and the zone whose clocks it uses */
    const uint32_t *zone;
    struct schedule schedule;
    int64_t numbers[SCHEDULE_NUMBERS_MAX];
    uint32_t days;
};

static int64_t schedule_number(const void *self, uint32_t index)
{
    const struct hours *hours = self;
    return hours->numbers[index];
}

/* Reads the hours of the campaign's schedule; false: the core does not know the schedule or the schedule's zone. */
static bool campaign_hours_read(const struct campaigns *campaigns, const struct campaign *campaign, struct hours *hours)
{
    const struct setting *setting = setting_find(&campaigns->directory->settings, table_schedule, campaign->schedule);
    struct kv_value list;
    struct kv_pair pair;
    uint32_t count = 0;
    assert(campaign->schedule != 0);
    hours->days = 0;
    hours->zone = hours_zone(campaigns, campaign->name, 0, campaign->zone);
    bool now = setting && setting->known && (setting->until_us == 0 || now_wall_us(campaigns->now) < setting->until_us);
    if (!hours->zone || !now || !kv_get(setting->row, "value", &list) || list.tag != KV_LIST) return false;
    for (uint32_t at = 0; count < SCHEDULE_NUMBERS_MAX && kv_next(list.span, &at, &pair);)
        hours->numbers[count++] = pair.value.word;
    hours->schedule = (struct schedule){hours, schedule_number, count, &hours->days};
    return true;
}

static int64_t floor_to_second(int64_t us)
{
    return us / WALL_SECOND_US - (us % WALL_SECOND_US < 0);
}

static int64_t hours_shown(const struct hours *hours, int64_t us)
{
    return us + clock_zone_offset(hours->zone, floor_to_second(us)) * WALL_SECOND_US;
}

unsigned campaign_hours_state(const struct campaigns *campaigns, const struct campaign *campaign)
{
    struct hours hours;
    if (campaign->schedule == 0) return CAMPAIGN_WHY_pacer;
    if (!campaign_hours_read(campaigns, campaign, &hours)) return CAMPAIGN_WHY_no_hours;
    bool open = schedule_open(&hours.schedule, hours_shown(&hours, now_wall_us(campaigns->now)));
    return open ? CAMPAIGN_WHY_pacer : CAMPAIGN_WHY_closed;
}

bool campaign_hours_open_next(const struct campaigns *campaigns, const struct campaign *campaign, int64_t *at_us)
{
    struct hours hours;
    if (campaign->schedule == 0 || !campaign_hours_read(campaigns, campaign, &hours)) return false;
    return schedule_next_by(&hours.schedule, hours.zone, now_wall_us(campaigns->now), true, at_us);
}
