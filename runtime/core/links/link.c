/* runtime/core/links/link.c - The table of links: the state of each, and the capabilities of
 * its adapter.
 *
 *     DOWN --connects--> RESYNC --its end--> UP --lost--> GRACE --> DOWN or RESYNC
 *
 *     held     grace or resync: timers and waits stand still
 *     there    up or in resync: it can be told something
 *     usable   any state but down
 *
 * A link has the same row for ever, found by the number of its source. `caps` are the capabilities that the adapter
 * has announced; for a link that is down link_can() returns false, whatever they say. */
#include "runtime/core/links/link.h"

#include "vm/keep.h"
#include "runtime/core/base/part.h"
#include "runtime/core/base/source.h"
#include "runtime/core/base/timer.h"
#include "runtime/vocabulary/rows.h"

struct link *link_at(struct links *links, unsigned source)
{
    return source >= SOURCE_LINKS && source < SOURCES_MAX ? &links->all[source - SOURCE_LINKS] : NULL;
}

static const struct link *link_seen(const struct links *links, unsigned source)
{
    return source >= SOURCE_LINKS && source < SOURCES_MAX ? &links->all[source - SOURCE_LINKS] : NULL;
}

bool link_held(const struct links *links, unsigned source)
{
    const struct link *link = link_seen(links, source);
    return link && (link->state == LINK_GRACE || link->state == LINK_RESYNC);
}

bool link_there(const struct links *links, unsigned source)
{
    const struct link *link = link_seen(links, source);
    return link && (link->state == LINK_UP || link->state == LINK_RESYNC);
}

bool link_usable(const struct links *links, unsigned source)
{
    const struct link *link = link_seen(links, source);
    return link && link->state != LINK_DOWN;
}

bool link_can(const struct links *links, unsigned source, enum cap cap)
{
    const struct link *link = link_seen(links, source);
    return link && link->state != LINK_DOWN && (link->caps & cap) != 0;
}

/* True: the link had the capability when it was up last, even if it is down now. */
bool link_could(const struct links *links, unsigned source, enum cap cap)
{
    const struct link *link = link_seen(links, source);
    return link && (link->caps & cap) != 0;
}

/* Returns `first` if this link has the capability, otherwise the first link that has; 0: none. */
unsigned link_that_can(const struct links *links, unsigned first, enum cap cap)
{
    if (link_can(links, first, cap)) return first;
    for (unsigned source = SOURCE_LINKS; source < SOURCES_MAX; source++)
        if (link_can(links, source, cap)) return source;
    return 0;
}

static bool caps_are_desk(uint32_t caps)
{
    return (caps & CAP_DESKTOPS) != 0 && (caps & CAP_SET_AGENT) == 0;
}

/* Notes what the adapter announces. `serves` are the media that the link serves in addition to those of a DN: all if
 * it names no media, and none for a desk that names some. */
void link_announces(struct link *link, struct span caps, struct span media)
{
    struct media_set named = media_listed(media);
    link->caps = contract_caps(caps) & CAPS_ASKED;
    if (media_set_is_empty(named))
        link->serves = media_set_all();
    else
        link->serves = caps_are_desk(link->caps) ? (struct media_set){{0}} : named;
}

struct media_set link_serves(const struct links *links, unsigned source)
{
    const struct link *link = link_seen(links, source);
    return link ? link->serves : media_set_all();
}

bool link_is_desk(const struct links *links, unsigned source)
{
    const struct link *link = link_seen(links, source);
    return link && link->state != LINK_DOWN && caps_are_desk(link->caps);
}

static void keep_link(struct links *links, struct keeper *keeper, struct link *link, unsigned source)
{
    link->name = name_keep(links->names, keeper, link->name);
    link->timer = timer_keep(links->timers, keeper, link->timer, 1u << TIMER_LINK, source, 0);
    link->caps = keep_u32(keeper, link->caps);
    link->serves = keep_has(keeper, 13) ? media_set_keep(keeper, link->serves) : media_set_all();
    link->state = (uint8_t)keep_index(keeper, link->state, LINK_GRACE + 1, LINK_DOWN);
    link->connected = keep_bool(keeper, link->connected);
    link->peer_down = keep_bool(keeper, link->peer_down);
    link->begun = keep_bool(keeper, link->begun);
    link->audited = keep_bool(keeper, link->audited);
    link->instance = keep_u64(keeper, link->instance);
    link->grace_us = keep_u64(keeper, link->grace_us);
    link->resync_us = keep_u64(keeper, link->resync_us);
    link->audit_us = keep_u64(keeper, link->audit_us);
}

static void links_keep(void *self, struct keeper *keeper)
{
    struct links *links = self;
    for (unsigned at = 0; at < LINKS_MAX; at++) keep_link(links, keeper, &links->all[at], SOURCE_LINKS + at);
    links->asked_count = keep_u32(keeper, links->asked_count);
    for (unsigned at = 0; at < ASKED_MAX; at++) links->asked[at] = keep_u64(keeper, links->asked[at]);
}

static void link_table_init(void *self, const struct parts *parts)
{
    struct links *links = self;
    links->names = parts->names;
    links->timers = parts->timers;
    for (unsigned at = 0; at < LINKS_MAX; at++) links->all[at].serves = media_set_all();
}

const struct part_ops part_ops_links = {
    .size = sizeof(struct links),
    .init = link_table_init,
    .keep = links_keep,
};
