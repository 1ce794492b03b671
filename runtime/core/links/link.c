/* runtime/core/links/link.c - The table of links: the state of each, and the capabilities of its adapter. */
#include "runtime/core/links/link.h"

#include "runtime/core/base/part.h"
#include "runtime/core/base/state.h"
#include "runtime/vocabulary/rows.h"

struct link *link_at(struct core *core, unsigned source)
{
    return source >= SOURCE_LINKS && source < SOURCES_MAX ? &core->links->all[source - SOURCE_LINKS] : NULL;
}

static const struct link *link_seen(const struct core *core, unsigned source)
{
    return source >= SOURCE_LINKS && source < SOURCES_MAX ? &core->links->all[source - SOURCE_LINKS] : NULL;
}

bool link_held(const struct core *core, unsigned source)
{
    const struct link *link = link_seen(core, source);
    return link && (link->state == LINK_GRACE || link->state == LINK_RESYNC);
}

bool link_there(const struct core *core, unsigned source)
{
    const struct link *link = link_seen(core, source);
    return link && (link->state == LINK_UP || link->state == LINK_RESYNC);
}

bool link_usable(const struct core *core, unsigned source)
{
    const struct link *link = link_seen(core, source);
    return link && link->state != LINK_DOWN;
}

bool link_can(const struct core *core, unsigned source, enum cap cap)
{
    const struct link *link = link_seen(core, source);
    return link && link->state != LINK_DOWN && (link->caps & cap) != 0;
}

unsigned link_that_can(const struct core *core, unsigned first, enum cap cap)
{
    if (link_can(core, first, cap)) return first;
    for (unsigned source = SOURCE_LINKS; source < SOURCES_MAX; source++)
        if (link_can(core, source, cap)) return source;
    return 0;
}

bool link_is_desk(const struct core *core, unsigned source)
{
    return link_can(core, source, CAP_DESKTOPS) && !link_can(core, source, CAP_SET_AGENT);
}

const struct part_ops part_ops_links = {.size = sizeof(struct links)};
