/* runtime/lists/zones.c - Time zones by the rules of the machine's database, read once for each zone.
 *
 *     rules    from[]     -inf     25.3.     28.10.    ...     seconds of UTC
 *              offsets[]  3600     7200      3600              seconds east of UTC
 *
 *     clock    since <= now < until     no midnight and no change of the clocks lies between
 *
 * For all times between `since` and `until` the time of day is plain arithmetic with `shift`: a caller with many
 * records keeps the clock. The rules of a zone are read once and stay in the arena until zones_free(). */
#include "runtime/lists/zones.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/lists/state.h"
#include "base/arena.h"
#include "base/zone.h"
#include "base/memory.h"

enum {
    LOOKS = 8
};                                                  /* number of days, or parts of days, that are searched for an
                                                     * opening */
#define LAST_US (INT64_C(253402300800) * SECOND_US) /* the year 10000 */

struct zones {
    struct arena *arena;
    const struct zone_rules **rules;
    size_t count;
};

struct zones *zones_new(void)
{
    struct zones *zones = memory_zeroed(1, sizeof *zones);
    zones->arena = arena_new();
    return zones;
}

void zones_free(struct zones *zones)
{
    if (!zones) return;
    arena_free(zones->arena);
    free(zones->rules);
    free(zones);
}

static const struct zone_rules *rules_of(struct zones *zones, const char *zone)
{
    for (size_t i = 0; i < zones->count; i++)
        if (strcmp(zones->rules[i]->name, zone) == 0) return zones->rules[i];
    char *name = arena_copy(zones->arena, zone, strlen(zone));
    const struct zone_rules *rules = zone_rules(zones->arena, name);
    if (!rules) return NULL;
    zones->rules = memory_grown(zones->rules, zones->count + 1, sizeof *zones->rules);
    return zones->rules[zones->count++] = rules;
}

bool zones_known(struct zones *zones, const char *zone)
{
    return rules_of(zones, zone) != NULL;
}

bool zones_instant(struct zones *zones, const char *zone, int64_t local_us, int64_t *us)
{
    return zones_known(zones, zone) && zone_instant(zone, local_us, us);
}

/* Rounds down also before 1970, where / rounds towards zero. */
static int64_t day_of(int64_t seconds)
{
    return seconds >= 0 ? seconds / DAY : -((DAY - 1 - seconds) / DAY);
}

/* Finds the row of the rules that is in force: the last one that begins at that time or before. */
static uint32_t zones_row_at(const struct zone_rules *rules, int64_t seconds)
{
    uint32_t low = 0, high = rules->count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (rules->from[middle] <= seconds)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Finds when the day began whose midnight is `local` on the clock. If the clock was changed since, the day began by
 * the clock before, or with the change, if that skipped midnight. */
static int64_t midnight_of(const struct zone_rules *rules, uint32_t row, int64_t local)
{
    assert(row < rules->count);
    int64_t midnight = local - rules->offsets[row];
    if (row == 0 || midnight >= rules->from[row]) return midnight;
    int64_t before = local - rules->offsets[row - 1];
    return before < rules->from[row] ? before : rules->from[row];
}

/* False: there is no such zone. `until` is midnight or the next change of the clock, whichever is first. */
bool zones_clock(struct zones *zones, const char *zone, int64_t now, struct zone_clock *clock)
{
    const struct zone_rules *rules = rules_of(zones, zone);
    if (!rules) return false;
    int64_t seconds = now >= 0 ? now / SECOND_US : -((SECOND_US - 1 - now) / SECOND_US);
    uint32_t row = zones_row_at(rules, seconds);
    int64_t shift = rules->offsets[row], day = day_of(seconds + shift);
    int64_t midnight = midnight_of(rules, row, day * DAY), since = midnight, until = (day + 1) * DAY - shift;
    if (row > 0 && rules->from[row] > since) since = rules->from[row];
    if (row + 1 < rules->count && rules->from[row + 1] < until) until = rules->from[row + 1];
    assert(since <= seconds && seconds < until);
    *clock = (struct zone_clock){shift, midnight * SECOND_US, since * SECOND_US, until * SECOND_US};
    return true;
}

int64_t zone_second(const struct zone_clock *clock, int64_t now)
{
    int64_t seconds = now / SECOND_US + clock->shift;
    return seconds - day_of(seconds) * DAY;
}

/* True: the window is open. A window from 22:00 to 6:00 includes midnight, so a time after its begin or before its end
 * is inside. */
static bool window_is_open(int64_t from, int64_t till, int64_t second)
{
    return from < till ? second >= from && second < till : second >= from || second < till;
}

static bool zone_has_second(const struct zone_windows *windows)
{
    return windows->again_from != windows->again_till;
}

bool zone_is_open(const struct zone_windows *windows, int64_t second)
{
    return window_is_open(windows->from, windows->till, second) ||
           (zone_has_second(windows) && window_is_open(windows->again_from, windows->again_till, second));
}

/* Sets `*at` to the first time from `*at` on that is within the window. The number of steps is limited: a window
 * that the clock skips each time would never open. */
static bool window_opening(struct zones *zones, const char *zone, int64_t from, int64_t till, int64_t *at)
{
    struct zone_clock clock;
    int64_t moment = *at;
    if (moment < 0 || moment >= LAST_US) return false;
    for (unsigned looks = 0; looks < LOOKS && zones_clock(zones, zone, moment, &clock); looks++) {
        int64_t second = zone_second(&clock, moment);
        int64_t opens = moment - moment % SECOND_US + (from - second) * SECOND_US;
        bool open = window_is_open(from, till, second);
        if (open || (from > second && opens < clock.until)) {
            *at = open ? moment : opens;
            return true;
        }
        moment = clock.until; /* goes on at midnight, or at the change of the clock */
    }
    return false;
}

bool zones_opening(struct zones *zones, const char *zone, const struct zone_windows *windows, int64_t *at)
{
    int64_t first = *at, again = *at;
    bool opens = window_opening(zones, zone, windows->from, windows->till, &first);
    bool opens_again =
        zone_has_second(windows) && window_opening(zones, zone, windows->again_from, windows->again_till, &again);
    if (opens) *at = first;
    if (opens_again && (!opens || again < first)) *at = again;
    return opens || opens_again;
}
