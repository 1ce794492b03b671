/* runtime/core/read/campaign.c - Reads the campaigns that are loaded. */
#include "runtime/core/read/read.h"

bool core_campaign(const struct core *core, uint32_t index, struct campaign_row *row)
{
    (void)core;
    (void)index;
    *row = (struct campaign_row){.rules = NULL};
    return false;
}
