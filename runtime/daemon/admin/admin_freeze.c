/* runtime/daemon/admin/admin_freeze.c - Refuses acts that would change a version while a freeze is on.
 *
 * The configuration has the windows (freeze.h). An administrator may act all the same with --despite-freeze and a
 * reason, which the journal keeps with the act. Going back is no such act, and is allowed at any time. */
#include "runtime/daemon/admin/admin_acts.h"
#include "runtime/host/real.h"

/* True: the command can give callers another version. */
static bool freeze_concerns(enum command_id id)
{
    return id == COMMAND_load || id == COMMAND_activate || id == COMMAND_reload || id == COMMAND_rollout ||
           id == COMMAND_rollout_on || id == COMMAND_rollout_approve;
}

bool act_frozen(const struct daemon *daemon, const struct act *act, struct error *error)
{
    if (json_is_true(json_object_get(act->request, "plan"))) return false; /* a plan changes nothing */
    bool despite = json_is_true(json_object_get(act->request, "despite_freeze"));
    char ends[FREEZE_TEXT];
    if (!freeze_concerns(act->id) || !freeze_now(&daemon->conf->frozen, (int64_t)host_wall_clock_us(), ends))
        return false;
    if (despite && act->asker.why) {
        log_line(daemon->log, LOG_LEVEL_WARNING, "admin", 0, 0, "%s %s despite the freeze: %s", act->asker.actor,
                 command_at(act->id)->name, act->asker.why);
        return false;
    }
    if (despite)
        error_set(error, ERROR_INPUT, "a freeze is on until %s: --despite-freeze needs a reason, --why TEXT", ends);
    else
        error_set(error, ERROR_STATE,
                  "a freeze is on until %s (freeze of gcxvm.conf), and %s waits until then; going back is allowed, and "
                  "an admin may act now with --despite-freeze --why TEXT",
                  ends, command_at(act->id)->name);
    return true;
}
