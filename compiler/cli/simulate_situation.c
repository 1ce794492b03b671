/* compiler/cli/simulate_situation.c - The folder of --situation: how things stand at a site now, as `gcxctl soon`
 * writes it. This file also reads the list of days of --day.
 *
 *     settings    the values of the site's settings that are in force, as events of the directory
 *     change      the change that is tried, as further events; without this file nothing is changed
 *     calls.csv   the calls that are there: strategy, number, how long ago they came
 *
 * The warm-up ends at the present moment: the change is made then, and calls that came longer ago than it lasts come at
 * its beginning. */
#include "compiler/cli/simulate_situation.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/shown.h"
#include "runtime/sim/simulation.h"

enum { SITUATION_MOST = 64 * 1024 * 1024 };

static bool situation_frames(const char *folder, const char *name, struct span *frames)
{
    const char *why = "it holds no settings";
    size_t length = 0;
    char *path = memory_format("%s/%s", folder, name);
    uint8_t *bytes = (uint8_t *)file_read(path, SITUATION_MOST, &length, &why);
    *frames = (struct span){bytes, (uint32_t)length};
    bool good = (bytes && simulation_takes(*frames)) || shown_refuse("gcxc: --situation: %s: %s\n", path, why);
    free(path);
    return good;
}

bool simulate_situation_open(struct simulate_situation *situation, const struct options *options)
{
    *situation = (struct simulate_situation){0};
    if (!options->situation) return true;
    char *change = memory_format("%s/change", options->situation);
    situation->changes = access(change, F_OK) == 0;
    free(change);
    if (situation->changes && (options->against || options->staff))
        return shown_refuse("gcxc: a change of --situation is tried neither --against another version nor with "
                            "--staff\n");
    return situation_frames(options->situation, "settings", &situation->settings) &&
           (!situation->changes || situation_frames(options->situation, "change", &situation->change));
}

void simulate_situation_close(struct simulate_situation *situation)
{
    free((void *)(uintptr_t)situation->settings.bytes);
    free((void *)(uintptr_t)situation->change.bytes);
}

/* ---- days ---- */

uint32_t simulate_days(const char *list, char days[SIMULATE_DAYS][SIMULATE_DAY])
{
    uint32_t count = 0;
    for (const char *at = list; at && count <= SIMULATE_DAYS; count++) {
        size_t length = strcspn(at, ",");
        if (length >= SIMULATE_DAY || count == SIMULATE_DAYS) {
            (void)shown_refuse("gcxc: --day %s: at most %d dates, with commas\n", list, (int)SIMULATE_DAYS);
            return 0;
        }
        memcpy(days[count], at, length);
        days[count][length] = '\0';
        at = at[length] == ',' ? at + length + 1 : NULL;
    }
    return count;
}
