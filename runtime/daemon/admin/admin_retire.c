/* runtime/daemon/admin/admin_retire.c - Retires versions: images on which nothing runs any more are removed from what
 * administrators see and can activate.
 *
 * The journal keeps their bytes as long as it has them, since a replay may need them. A version that is active, has a
 * share, still has interactions, or stands in the configuration is refused, with what keeps it. */
#include <string.h>

#include "runtime/core/read/rollouts.h"
#include "runtime/daemon/admin/admin_acts.h"

struct retiring {
    const struct image *image;
    struct core_version version;
    bool known; /* the core has used it */
};

/* On the core's thread. */
static void retire_look(void *self, struct core *core)
{
    struct retiring *retiring = self;
    for (uint32_t at = 0; !retiring->known && core_version_at(core, at, &retiring->version); at++)
        retiring->known = memcmp(retiring->version.image, image_hash(retiring->image), CORE_HASH) == 0;
}

bool act_retire(struct daemon *daemon, const struct act *act, struct act_wait *wait, struct error *error)
{
    const char *what = json_string_value(json_object_get(act->request, "image"));
    struct retiring retiring = {.image = reload_image_of(daemon->programs, what, error)};
    (void)wait; /* no waiting: the act is done when this returns */
    if (!retiring.image) return false;
    engine_read(daemon->engine, retire_look, &retiring);
    enum core_version_state state = retiring.known ? retiring.version.state : VERSION_DRAINED;
    if (state == VERSION_ACTIVE) return error_set(error, ERROR_STATE, "%.12s is active at a routing point", what);
    if (state == VERSION_CANARY)
        return error_set(error, ERROR_STATE, "%.12s has a share by a rollout: end that first", what);
    if (state == VERSION_DRAINING)
        return error_set(error, ERROR_STATE, "%u interactions are still on %.12s; `versions` says since when",
                         (unsigned)retiring.version.interactions, what);
    for (size_t i = 0; i < daemon->reload.image_count; i++)
        if (daemon->reload.images[i] == retiring.image)
            return error_set(error, ERROR_STATE, "%.12s is %.150s of the configuration", what,
                             daemon->conf->strategies[i]);
    return programs_retire(daemon->programs, retiring.image, error);
}
