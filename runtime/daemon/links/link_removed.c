/* runtime/daemon/links/link_removed.c - Adapters that the configuration no longer has, while the core still has
 * calls of theirs: the log names them, and the core ends the calls when the link's grace is over.
 *
 *     HELD --grace is over--> the core is told: it ends what is left, as after a resync that reports nothing --> over
 *
 * Until the grace is over the adapter may be put back into the configuration: at its next start it finds its calls
 * again. */
#include "runtime/daemon/links/links_state.h"

#include <assert.h>
#include <string.h>

#include "runtime/core/read/read.h"
#include "runtime/vocabulary/events_link.h"
#include "runtime/vocabulary/rows.h"

static bool link_is_removed(const struct name *name)
{
    return !name->configured && name->link != 0 && !name->removed.over;
}

/* On the core's thread. */
static void removed_look(void *self, struct core *core)
{
    struct daemon_links *links = self;
    for (size_t i = 0; i < links->name_count; i++) {
        struct name *name = &links->names[i];
        if (!link_is_removed(name)) continue;
        struct link_holds holds = core_link_holds(core, name->link);
        name->removed.interactions = holds.interactions;
        name->removed.claims = holds.claims;
        name->removed.able = holds.able;
        name->removed.down = strcmp(core_link_state(core, name->link), "down") == 0;
    }
}

static void removed_tell(struct daemon_links *links, struct name *name)
{
    if (name->removed.interactions > 0 && !name->removed.told)
        log_line(links->options.log, LOG_LEVEL_WARNING, name->text, 0, 0,
                 "the configuration has this adapter no more: its %u interactions, and %u claims of agents, end when "
                 "the link's grace is over, unless it is put back and gcxvm started again before",
                 name->removed.interactions, name->removed.claims);
    name->removed.told = name->removed.told || name->removed.interactions > 0;
    if (name->removed.over && name->removed.told)
        log_line(links->options.log, LOG_LEVEL_WARNING, name->text, 0, 0,
                 "what this adapter had was ended: the configuration has it no more");
}

/* Tells the core to end the calls that are left, and to rely no longer on the adapter's abilities. The core is told
 * again until it has done so. */
static void removed_end(struct daemon_links *links, const struct name *name)
{
    struct writer writer;
    writer_init(&writer);
    writer_begin(&writer, KIND_LinkDown);
    writer_u(&writer, LinkDown_link, name->link);
    writer_u(&writer, LinkDown_reason, down_reason_removed);
    engine_post(links->options.engine, SOURCE_HOST, writer_end(&writer));
    writer_free(&writer);
}

void removed_tick(struct daemon_links *links)
{
    bool some = false;
    for (size_t i = 0; i < links->name_count; i++) some = some || link_is_removed(&links->names[i]);
    if (!some) return;
    engine_read(links->options.engine, removed_look, links);
    for (size_t i = 0; i < links->name_count; i++) {
        struct name *name = &links->names[i];
        if (!link_is_removed(name)) continue;
        name->removed.over = name->removed.down && !name->removed.able && name->removed.interactions == 0;
        removed_tell(links, name);
        if (name->removed.down && !name->removed.over) removed_end(links, name);
    }
}

bool links_removed_read(const struct daemon_links *links, size_t index, struct removed_row *row)
{
    assert(row);
    for (size_t i = 0; i < links->name_count; i++) {
        const struct name *name = &links->names[i];
        if (!link_is_removed(name) || name->removed.interactions == 0 || index-- > 0) continue;
        *row = (struct removed_row){name->text, name->removed.interactions, name->removed.claims};
        return true;
    }
    return false;
}
